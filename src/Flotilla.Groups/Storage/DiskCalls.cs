using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.Groups.Storage;

/// <summary>What a log needs of Linux and .NET does not offer; elsewhere the nearest that .NET offers is used.</summary>
internal static partial class DiskCalls
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;

    /// <summary>O_RDONLY | O_CLOEXEC; the same on x86-64 and arm64, which O_DIRECTORY is not.</summary>
    private const int ReadOnlyCloseOnExec = 0x80000;

    public static void FlushData(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (fdatasync(file) != 0)
            ThrowUnlessInterrupted(Marshal.GetLastPInvokeError());
    }

    public static void FlushFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var descriptor = open(path, ReadOnlyCloseOnExec, 0);
        if (descriptor < 0)
            throw Failed(Marshal.GetLastPInvokeError());
        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        while (fsync(folder) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            // Some file systems can't flush a folder and say so; there is nothing more to be had from them.
            if (error == InvalidArgument)
                return;
            ThrowUnlessInterrupted(error);
        }
    }

    /// <summary>A small file that is there whole or not at all, whatever happens.</summary>
    public static void WriteWhole(string folder, string name, string text)
    {
        var temporary = Path.Combine(folder, name + ".new");
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, System.Text.Encoding.UTF8.GetBytes(text), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, Path.Combine(folder, name), overwrite: true);
        FlushFolder(folder);
    }

    private static void ThrowUnlessInterrupted(int error)
    {
        if (error != Interrupted)
            throw Failed(error);
    }

    private static IOException Failed(int error)
    {
        var problem = new Win32Exception(error);
        return new IOException(problem.Message, problem);
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags, int mode);
}
