namespace Flotilla.Sandbox;

/// <summary>
/// Fetches Debian's or Ubuntu's MariaDB and unpacks it below a folder. Nothing is installed: no service starts, no root is needed, and no package
/// is among them that would start one.
/// </summary>
public sealed class ServerPackages
{
    private const string FolderName = "mariadb-packages";
    private static readonly string[] Required = ["mariadb-server-core", "mariadb-client-core", "mariadb-client", "mariadb-backup"];

    /// <summary>Libraries that a system may lack; what is not to be had here has another name or is there already.</summary>
    private static readonly string[] Libraries = ["libaio1", "libaio1t64", "liburing2", "libnuma1", "libmariadb3", "libedit2", "libncurses6", "libpcre2-8-0"];

    private readonly string _apt;
    private readonly string _dpkg;

    public ServerPackages()
        : this("apt-get", "dpkg-deb")
    {
    }

    /// <param name="apt">Program that downloads packages.</param>
    /// <param name="dpkg">Program that unpacks them.</param>
    internal ServerPackages(string apt, string dpkg) => (_apt, _dpkg) = (apt, dpkg);

    /// <summary>Fetches and unpacks it, or finds it there. What fails leaves nothing behind.</summary>
    /// <param name="serverFolder">See <see cref="SandboxRoot.ServerFolder"/>.</param>
    /// <param name="finder">Looks at what was unpacked.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException">No such system, no package lists, no network, no room; or the server does not run here.</exception>
    public async Task<ServerInstallation> InstallAsync(
        string serverFolder, ServerFinder finder, IProgress<SandboxStep>? progress = null, CancellationToken cancellationToken = default)
    {
        var folder = Path.Combine(Path.GetFullPath(serverFolder), FolderName);
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!, SafeFile.Folder);
        using var ours = await FolderLock.TakeAsync(folder + ".lock", cancellationToken);
        if (!Directory.Exists(folder))
        {
            var fresh = folder + ".new";
            Delete(fresh);
            try
            {
                await FetchAsync(fresh, new Steps(progress, Required.Length + 2), cancellationToken);
                _ = await finder.FromBasedirAsync(Path.Combine(fresh, "usr"), cancellationToken);
                Directory.Move(fresh, folder);
            }
            catch
            {
                Delete(fresh);
                throw;
            }
        }

        return await finder.FromBasedirAsync(Path.Combine(folder, "usr"), cancellationToken);
    }

    private async Task FetchAsync(string folder, Steps steps, CancellationToken cancellationToken)
    {
        var packages = Path.Combine(folder, "packages");
        Directory.CreateDirectory(packages, SafeFile.Folder);
        foreach (var package in Required)
        {
            steps.Begin($"fetching {package}");
            var run = await DownloadAsync(packages, package, cancellationToken);
            if (run.Code != 0)
            {
                throw new SandboxException(
                    SandboxProblem.MissingServer, $"the package {package} can't be fetched: {run.Why}. Is this Debian or Ubuntu, and are its lists fresh (apt-get update, as root)?");
            }
        }

        steps.Begin("fetching libraries");
        foreach (var library in Libraries)
            _ = await DownloadAsync(packages, library, cancellationToken);
        steps.Begin("unpacking");
        foreach (var file in Directory.GetFiles(packages, "*.deb").Order(StringComparer.Ordinal))
        {
            var run = await ProgramRun.RunAsync(_dpkg, ["-x", file, folder], [], cancellationToken);
            if (run.Code != 0)
                throw new SandboxException(SandboxProblem.Storage, $"{Path.GetFileName(file)} can't be unpacked: {run.Why}");
        }

        Directory.Delete(packages, recursive: true);
    }

    private Task<ProgramRun> DownloadAsync(string folder, string package, CancellationToken cancellationToken)
    {
        // As root apt downloads as a user who can't enter our folder.
        string[] asRoot = Environment.UserName == "root" ? ["-o", "APT::Sandbox::User=root"] : [];
        return ProgramRun.RunAsync(_apt, ["-q", .. asRoot, "download", package], [], cancellationToken, folder);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
