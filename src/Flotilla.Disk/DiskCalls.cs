using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.Disk;

/// <summary>
/// What durable files need of Linux and .NET does not offer; elsewhere the nearest that .NET offers is used. All of it throws what the file
/// calls of .NET throw, and may be called from any thread.
/// </summary>
public static partial class DiskCalls
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>HRESULT of ERROR_DISK_FULL.</summary>
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>O_RDONLY | O_CLOEXEC; the same on x86-64 and arm64, which O_DIRECTORY is not.</summary>
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Puts a file's bytes on the disk, and of its metadata only what reading them back needs.</summary>
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

    /// <summary>Makes the file at least this long, in zeros, with its blocks set aside.</summary>
    public static void Reserve(SafeFileHandle file, long sizeBytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            Span<byte> zeros = stackalloc byte[4096];
            zeros.Clear();
            for (var at = RandomAccess.GetLength(file); at < sizeBytes; at += zeros.Length)
                RandomAccess.Write(file, zeros[..(int)Math.Min(zeros.Length, sizeBytes - at)], at);
            return;
        }

        while (posix_fallocate(file, 0, sizeBytes) is not 0 and var error)
            ThrowUnlessInterrupted(error);
    }

    /// <summary>Puts on the disk which names a folder holds: until then a new, renamed or deleted file may come back as it was.</summary>
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

    /// <summary>Makes a folder, with those above it that are missing, so that it is still there after the power failed.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (parent is not null)
            CreateFolder(parent);
        Directory.CreateDirectory(path);
        if (parent is not null)
            FlushFolder(parent);
    }

    /// <summary>A small file that is there whole or not at all, whatever happens.</summary>
    public static void WriteWhole(string folder, string name, string text)
    {
        var temporary = Path.Combine(folder, name + ".new");
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, Path.Combine(folder, name), overwrite: true);
        FlushFolder(folder);
    }

    /// <summary>Whether a failure of a file call was for want of room, or of quota.</summary>
    public static bool IsDiskFull(Exception problem)
        => problem.HResult is NoSpace or QuotaExceeded or WindowsDiskFull
            || problem.InnerException is Win32Exception { NativeErrorCode: NoSpace or QuotaExceeded };

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

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int posix_fallocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags, int mode);
}
