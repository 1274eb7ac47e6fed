namespace Flotilla.Sandbox;

/// <summary>Unpacks a server's tarball once; the next one who wants it finds it there.</summary>
public static class ServerTarball
{
    private static readonly string[] Endings = [".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar.bz2", ".tar"];

    /// <summary>The folder a tarball is unpacked to.</summary>
    /// <param name="serverFolder">See <see cref="SandboxRoot.ServerFolder"/>.</param>
    /// <param name="tarball">Path of the tarball.</param>
    public static string FolderFor(string serverFolder, string tarball)
    {
        var name = Path.GetFileName(tarball);
        var ending = Endings.FirstOrDefault(one => name.EndsWith(one, StringComparison.OrdinalIgnoreCase)) ?? throw new SandboxException(
            SandboxProblem.BadRequest, $"{tarball} is no tarball: its name ends with none of {string.Join(", ", Endings)}");
        return Path.Combine(serverFolder, name[..^ending.Length]);
    }

    /// <summary>Unpacks it, or finds it unpacked, and looks at the server in it. What fails leaves nothing behind.</summary>
    /// <exception cref="SandboxException">It is not there, spoilt, holds no server, or one that does not run here; or the disk is full.</exception>
    public static async Task<ServerInstallation> UnpackAsync(string serverFolder, string tarball, ServerFinder finder, CancellationToken cancellationToken = default)
    {
        var folder = FolderFor(Path.GetFullPath(serverFolder), tarball);
        if (!Directory.Exists(folder))
        {
            if (!File.Exists(tarball))
                throw new SandboxException(SandboxProblem.MissingServer, $"the tarball {tarball} is not there");
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!, SafeFile.Folder);
            using var ours = await FolderLock.TakeAsync(folder + ".lock", cancellationToken);
            if (!Directory.Exists(folder))
                await ExtractAsync(Path.GetFullPath(tarball), folder, finder, cancellationToken);
        }

        return await finder.FromBasedirAsync(folder, cancellationToken);
    }

    private static async Task ExtractAsync(string tarball, string folder, ServerFinder finder, CancellationToken cancellationToken)
    {
        var fresh = folder + ".new";
        Delete(fresh);
        try
        {
            Directory.CreateDirectory(fresh, SafeFile.Folder);
            var run = await ProgramRun.RunAsync("tar", ["-xf", tarball, "-C", fresh, "--no-same-owner"], [], cancellationToken);
            if (run.Code != 0)
                throw new SandboxException(SandboxProblem.Storage, $"{tarball} can't be unpacked: {run.Why}");
            _ = await finder.FromBasedirAsync(fresh, cancellationToken);
            Directory.Move(fresh, folder);
        }
        catch
        {
            Delete(fresh);
            throw;
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
