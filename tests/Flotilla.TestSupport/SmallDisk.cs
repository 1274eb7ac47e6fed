using System.Diagnostics;

namespace Flotilla.TestSupport;

/// <summary>A real file system of a few pages, in memory, unmounted when disposed. Only root can have one.</summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public static bool IsPossible => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    public string Folder { get; }

    public static SmallDisk Mount(int sizeBytes)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-disk-").FullName;
        try
        {
            Run("mount", "-t", "tmpfs", "-o", $"size={sizeBytes}", "tmpfs", folder);
            return new SmallDisk(folder);
        }
        catch
        {
            Directory.Delete(folder);
            throw;
        }
    }

    public void Dispose()
    {
        Run("umount", Folder);
        Directory.Delete(Folder);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }) ?? throw new InvalidOperationException(program);
        var problem = process.StandardError.ReadToEnd();
        if (!process.WaitForExit(Deadline.Default))
            throw new TimeoutException($"{program} hangs");
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program}: {problem}");
    }
}
