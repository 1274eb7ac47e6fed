namespace Flotilla.Sandbox;

/// <summary>
/// A lock between processes: a file under flock, which the kernel lets go when its holder dies. The file goes away with the lock, so a lock
/// on a file that has gone away is none.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private const int WouldBlock = 11;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);
    private readonly string _path;
    private readonly FileStream _file;

    private FolderLock(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Waits for it.</summary>
    public static async Task<FolderLock> TakeAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Try(path) is { } taken)
                return taken;
            await Task.Delay(Period, cancellationToken);
        }
    }

    /// <summary>Null when somebody else has it.</summary>
    public static FolderLock? Try(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, SafeFile.Folder);
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = SafeFile.Secret, BufferSize = 0,
            });
        }
        catch (IOException failure) when (failure.HResult == WouldBlock)
        {
            return null;
        }

        // Its last holder may have removed the file between our opening and our locking it.
        if (File.Exists(path) && new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget == path)
            return new FolderLock(path, file);
        file.Dispose();
        return null;
    }

    /// <summary>Whether somebody has it.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(path))
            return false;
        using var ours = Try(path);
        return ours is null;
    }

    public void Dispose()
    {
        File.Delete(_path);
        _file.Dispose();
    }
}
