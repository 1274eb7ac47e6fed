namespace Flotilla.Cli.Gearmand;

/// <summary>The file that tells our process id while we live. Written over when it exists, as gearmand does.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _path;

    private PidFile(string path) => _path = path;

    /// <exception cref="IOException">It can't be written; the text says which file and why.</exception>
    public static PidFile Create(string path)
    {
        try
        {
            File.WriteAllText(path, $"{Environment.ProcessId}\n");
            return new PidFile(Path.GetFullPath(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"Could not open pid file for writing: {path} ({failure.Message})", failure);
        }
    }

    /// <summary>Removes it, unless another process has written it since.</summary>
    public void Dispose()
    {
        try
        {
            if (File.ReadAllText(_path).Trim() == $"{Environment.ProcessId}")
                File.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It is gone, or its folder is not ours any more: nothing is left to do on the way out.
        }
    }
}
