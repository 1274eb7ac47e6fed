using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Flotilla.Cli.Gearmand;

/// <summary>What a daemon needs of the system and .NET does not offer.</summary>
internal static class Libc
{
    private const int OpenReadWrite = 2;
    private const int SignalInterrupt = 2;
    private const int LimitCore = 4;
    private const int LimitFiles = 7;

    /// <summary>Leaves the terminal and the session of whoever started us.</summary>
    public static void BecomeSessionLeader()
    {
        if (setsid() < 0)
            throw Failure("setsid");
    }

    /// <summary>Points input, output and errors at <c>/dev/null</c>.</summary>
    public static void DetachStandardStreams()
    {
        var nothing = open("/dev/null", OpenReadWrite);
        if (nothing < 0)
            throw Failure("open(/dev/null)");
        for (var descriptor = 0; descriptor <= 2; descriptor++)
            _ = dup2(nothing, descriptor);
        if (nothing > 2)
            _ = close(nothing);
    }

    /// <summary>
    /// A shell starts background commands with SIGINT ignored, and .NET leaves an ignored signal alone. gearmand takes it all the same.
    /// Before the first handler is registered.
    /// </summary>
    public static void TakeInterrupts() => _ = signal(SignalInterrupt, IntPtr.Zero);

    public static void LimitFileDescriptors(ulong count) => SetLimit(LimitFiles, count);

    public static void AllowCoreDumps() => SetLimit(LimitCore, ulong.MaxValue);

    /// <summary>Becomes another user for good, with that user's groups.</summary>
    /// <returns>False when there is no such user.</returns>
    public static bool TrySwitchUser(string name)
    {
        var entry = getpwnam(name);
        if (entry == IntPtr.Zero)
            return false;
        var user = Marshal.PtrToStructure<Account>(entry);
        if (user.Id == geteuid())
            return true;
        if (initgroups(name, user.Group) != 0)
            throw Failure("initgroups");
        if (setgid(user.Group) != 0)
            throw Failure("setgid");
        if (setuid(user.Id) != 0)
            throw Failure("setuid");
        return true;
    }

    private static void SetLimit(int resource, ulong value)
    {
        if (getrlimit(resource, out var limit) != 0)
            throw Failure("getrlimit");
        limit.Soft = value;
        if (value > limit.Hard)
            limit.Hard = value;
        if (setrlimit(resource, limit) == 0)
            return;
        // Only root may raise what is allowed at most; others get all that is.
        limit = default;
        if (getrlimit(resource, out limit) != 0)
            throw Failure("getrlimit");
        limit.Soft = Math.Min(value, limit.Hard);
        if (setrlimit(resource, limit) != 0)
            throw Failure("setrlimit");
    }

    private static Win32Exception Failure(string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return new Win32Exception(error, $"{call}({Marshal.GetPInvokeErrorMessage(error)})");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Account
    {
        public readonly IntPtr Name;
        public readonly IntPtr Password;
        public readonly uint Id;
        public readonly uint Group;
    }

#pragma warning disable SYSLIB1054 // the generated marshalling would need unsafe code for calls that are made once per process
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setsid();

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr signal(int number, IntPtr handler);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int dup2(int from, int to);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setrlimit(int resource, in Limit limit);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr getpwnam([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint geteuid();

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int initgroups([MarshalAs(UnmanagedType.LPUTF8Str)] string name, uint group);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setgid(uint group);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setuid(uint user);
#pragma warning restore SYSLIB1054
}
