using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.JobServer.Stores;

/// <summary>
/// What a durable log needs of Linux and .NET does not offer: flush data without metadata, reserve space, flush a folder. Elsewhere
/// the nearest that .NET offers is used.
/// </summary>
internal static class SystemCalls
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>HRESULT of ERROR_DISK_FULL.</summary>
    private const int WindowsDiskFull = unchecked((int)0x80070070);

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

    public static void FlushFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var name = Encoding.UTF8.GetBytes(path + "\0");
        var descriptor = open(name, ReadOnlyCloseOnExec, 0);
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

    public static StoreFileException Explain(string what, string path, Exception problem)
    {
        var isDiskFull = problem.HResult is NoSpace or QuotaExceeded or WindowsDiskFull
            || problem.InnerException is Win32Exception { NativeErrorCode: NoSpace or QuotaExceeded };
        return new StoreFileException($"can't {what} {path}: {Words(path, problem)}", isDiskFull, problem);
    }

    /// <summary>The runtime's words name the path again, or hide what is the matter.</summary>
    private static string Words(string path, Exception problem) => problem switch
    {
        UnauthorizedAccessException => "this user may not",
        FileNotFoundException or DirectoryNotFoundException when Path.GetDirectoryName(path) is { } parent && Directory.Exists(parent)
            => $"{parent} takes no files or folders of ours",
        FileNotFoundException or DirectoryNotFoundException => "there is no such place",
        IOException when File.Exists(path) && problem.Message.Contains("already exists", StringComparison.Ordinal) => "there is a file of that name",
        _ => problem.Message,
    };

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

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fdatasync(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(SafeFileHandle file);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int posix_fallocate(SafeFileHandle file, long offset, long length);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(byte[] path, int flags, int mode);
}
