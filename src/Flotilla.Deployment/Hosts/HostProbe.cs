using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>Looks what a host can really do, before anything is promised to a job server.</summary>
internal sealed class HostProbe(HostWorkerOptions options, SandboxRoot root, TarballStore tarballs)
{
    /// <summary>One server with its first logs, and the template it is copied from.</summary>
    public const long BytesMin = 192L << 20;

    private static readonly string[] ToolsOfServers = ["sh", "cp"];
    private static readonly string[] ToolFolders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    public async Task<HostAbilities> LookAsync(CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var isWritable = TryRoot(missing);
        var free = isWritable ? new DriveInfo(root.Folder).AvailableFreeSpace : 0;
        var servers = await ServersAsync(cancellationToken);
        var hasRoom = free >= BytesMin;
        if (isWritable && !hasRoom)
            missing.Add($"room: the disk of {root.Folder} has {free >> 20} MiB left, a server needs {BytesMin >> 20} MiB");
        var tools = ToolsOfServers.Where(tool => !IsThere(tool)).ToList();
        if (tools.Count > 0)
            missing.Add($"tools that servers are made with: {string.Join(", ", tools)}");
        var hasTar = IsThere("tar");
        if (!hasTar)
            missing.Add("tar, which tarballs are unpacked with");
        if (servers.Count == 0)
        {
            missing.Add(
                $"a database server: none {(options.Basedirs is { } basedirs ? $"in {(basedirs.Count > 0 ? string.Join(", ", basedirs) : "any folder named")}" : "on the path")} nor unpacked in {root.ServerFolder}. "
                + $"'flotilla sandbox install-server --root {root.Folder}' fetches one, or put a tarball into {tarballs.Folder}");
        }

        return new HostAbilities
        {
            Servers = servers,
            Missing = missing,
            FreeBytes = free,
            CanMake = isWritable && hasRoom && tools.Count == 0 && servers.Count > 0,
            CanFetch = isWritable && hasRoom && hasTar,
        };
    }

    public async Task<IReadOnlyList<ServerInstallation>> ServersAsync(CancellationToken cancellationToken)
    {
        var finder = ServerFinder.Create();
        if (options.Basedirs is null)
            return await finder.FindAllAsync(root.ServerFolder, cancellationToken);
        var unpacked = Directory.Exists(root.ServerFolder) ? Directory.GetDirectories(root.ServerFolder).Where(folder => !folder.EndsWith(".new", StringComparison.Ordinal)) : [];
        var found = new List<ServerInstallation>();
        foreach (var folder in options.Basedirs.Concat(unpacked))
        {
            try
            {
                found.Add(await finder.FromBasedirAsync(folder, cancellationToken));
            }
            catch (SandboxException)
            {
                // A server that does not run is none; that there is none is said once for all.
            }
        }

        return [.. found.OrderByDescending(one => one.IsMariaDb).ThenByDescending(one => one.Version)];
    }

    private static bool IsThere(string tool)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(ToolFolders)
            .Any(folder => File.Exists(Path.Combine(folder, tool)));

    private bool TryRoot(List<string> missing)
    {
        try
        {
            Directory.CreateDirectory(root.Folder, SafeFile.Folder);
            var probe = Path.Combine(root.Folder, $".probe-{Guid.NewGuid():N}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
            }

            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            missing.Add($"a folder to write to: {failure.Message}");
            return false;
        }
    }
}
