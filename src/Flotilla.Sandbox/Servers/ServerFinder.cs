namespace Flotilla.Sandbox;

/// <summary>Finds database servers: in a folder given, on the path, or unpacked in the checkout we were built from.</summary>
public sealed class ServerFinder
{
    private static readonly string[] Names = ["mariadbd", "mysqld"];
    private static readonly string[] BinaryFolders = ["sbin", "bin", "libexec", "usr/sbin", "usr/bin", "usr/libexec", "server", ""];
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/usr/libexec", "/usr/local/mysql/bin"];

    private readonly IReadOnlyList<string> _path;
    private readonly IReadOnlyList<string> _peers;

    /// <param name="path">Folders to look for programs in.</param>
    /// <param name="peers">Base directories known besides.</param>
    internal ServerFinder(IReadOnlyList<string> path, IReadOnlyList<string> peers) => (_path, _peers) = (path, peers);

    /// <summary>One that looks where this process' environment says.</summary>
    public static ServerFinder Create()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return new ServerFinder([.. path.Concat(SystemFolders).Distinct(StringComparer.Ordinal)], Checkout());
    }

    /// <summary>Every server found, the newest first; nothing that can't be run is among them.</summary>
    /// <param name="serverFolder">Folder whose sub-folders are unpacked servers; null for none.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<IReadOnlyList<ServerInstallation>> FindAllAsync(string? serverFolder = null, CancellationToken cancellationToken = default)
    {
        var found = new List<ServerInstallation>();
        var unpacked = serverFolder is not null && Directory.Exists(serverFolder) ? Directory.GetDirectories(serverFolder).Where(one => !one.EndsWith(".new", StringComparison.Ordinal)) : [];
        foreach (var basedir in unpacked.Concat(_peers))
        {
            if (Locate(basedir) is { } server && await TryAsync(server, cancellationToken) is { } installation)
                found.Add(installation);
        }

        foreach (var folder in _path)
        {
            if (BinaryIn(folder) is { } server && await TryAsync(server, cancellationToken) is { } installation)
                found.Add(installation);
        }

        return [.. found.DistinctBy(one => RealPath(one.Server), StringComparer.Ordinal).OrderByDescending(one => one.IsMariaDb).ThenByDescending(one => one.Version)];
    }

    /// <summary>The server below a folder: of a package, a tarball, or an unpacked one.</summary>
    /// <exception cref="SandboxException">There is none, or it does not run here; the message says which.</exception>
    public Task<ServerInstallation> FromBasedirAsync(string basedir, CancellationToken cancellationToken = default)
    {
        var full = Path.GetFullPath(basedir);
        if (File.Exists(full))
            return ServerInspection.InspectAsync(full, ToolFolders(full), cancellationToken);
        if (!Directory.Exists(full))
            throw new SandboxException(SandboxProblem.MissingServer, $"the folder {full} is not there");
        var server = Locate(full) ?? throw new SandboxException(
            SandboxProblem.MissingServer, $"no server program (mariadbd or mysqld) in {full}, nor in its bin, sbin, libexec or usr/sbin");
        return ServerInspection.InspectAsync(server, ToolFolders(server), cancellationToken);
    }

    /// <summary>The newest server, or the newest whose version begins as asked (<c>10.11</c>, <c>mysql 5.6</c>).</summary>
    /// <exception cref="SandboxException">None is there; the message lists what was found.</exception>
    public async Task<ServerInstallation> FindAsync(string? version = null, string? serverFolder = null, CancellationToken cancellationToken = default)
    {
        var all = await FindAllAsync(serverFolder, cancellationToken);
        return all.FirstOrDefault(one => version is null || Matches(one, version)) ?? throw new SandboxException(
            SandboxProblem.MissingServer,
            all.Count == 0
                ? "no database server was found: neither on the path nor in /usr/sbin"
                : $"no server of version {version} was found, only {string.Join(", ", all)}");
    }

    /// <summary>A command-line client, with or without a server beside it; null when there is none.</summary>
    public string? FindClient()
        => _path.Concat(_peers.Select(peer => Path.Combine(peer, "bin"))).SelectMany(folder => ((string[])["mariadb", "mysql"]).Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    internal static bool Matches(ServerInstallation server, string wanted)
    {
        var words = wanted.ToLowerInvariant().Split([' ', '-', '_'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words)
        {
            if (char.IsAsciiDigit(word[0]) ? !(server.Version + ".").StartsWith(word + ".", StringComparison.Ordinal)
                : word != (server.IsMariaDb ? "mariadb" : "mysql"))
                return false;
        }

        return words.Length > 0;
    }

    private static string? Locate(string basedir)
        => BinaryFolders.Select(folder => BinaryIn(Path.Combine(basedir, folder))).FirstOrDefault(one => one is not null)
            ?? (Directory.Exists(basedir) && Directory.GetDirectories(basedir) is [var only] ? Locate(only) : null);

    private static string? BinaryIn(string folder) => Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static string RealPath(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    /// <summary>What eng/peers/fetch.sh unpacked, when this program runs from a checkout.</summary>
    private static List<string> Checkout()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var peers = Path.Combine(folder, ".tools", "peers");
            if (File.Exists(Path.Combine(folder, "Flotilla.slnx")))
                return [.. ((string[])[Path.Combine(peers, "mariadb", "usr"), Path.Combine(peers, "mysql56")]).Where(Directory.Exists)];
        }

        return [];
    }

    private async Task<ServerInstallation?> TryAsync(string server, CancellationToken cancellationToken)
    {
        try
        {
            return await ServerInspection.InspectAsync(server, ToolFolders(server), cancellationToken);
        }
        catch (SandboxException)
        {
            // A server that can't be run is no server; who names it by its folder is told why.
            return null;
        }
    }

    private List<string> ToolFolders(string server)
    {
        var folder = Path.GetDirectoryName(server)!;
        var basedir = Path.GetDirectoryName(folder) ?? folder;
        return [.. ((string[])[Path.Combine(basedir, "bin"), folder, .. _path, .. _peers.Select(peer => Path.Combine(peer, "bin"))])
            .Distinct(StringComparer.Ordinal).Where(Directory.Exists)];
    }
}
