using System.Runtime.InteropServices;

namespace Flotilla.Guard;

/// <summary>
/// The system calls of the guard, as safe methods over spans. .NET's own classes allocate, use its thread pool, and take signals and children away from the thread
/// that must have them. Numbers are those of Linux on x86-64 and arm64, which agree in all that is used here.
/// </summary>
internal static unsafe partial class Libc
{
    public const int EIntr = 4;
    public const int EAgain = 11;
    public const int ENoMem = 12;
    public const int EnFile = 23;
    public const int EmFile = 24;
    public const int ENoBufs = 105;

    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    /// <summary>One more than the last of the classic signals.</summary>
    public const int SignalsEnd = 32;

    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Append = 0x400;
    public const int CloseOnExec = 0x80000;

    /// <summary>Mode 0600 of a file.</summary>
    public const int OwnerOnly = 0x180;

    private const int NonBlocking = 0x800;
    private const int Unix = 1;
    private const int SequencedPackets = 5;
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int MsgDontWait = 0x40;
    private const int MsgTruncate = 0x20;
    private const int MsgNoSignal = 0x4000;
    private const int ClockBootTime = 7;
    private const int TimerAbsolute = 1;
    private const int LockExclusiveNow = 2 | 4;
    private const int NoHang = 1;
    private const int OwnerOnlyMask = 0x7F; // 0177
    private const int SysPidFdSendSignal = 424;
    private const int SysPidFdOpen = 434;
    private const int SysCloseRange = 436;
    private const int CloseRangeOnExec = 4;
    private const int SysGetThreadX64 = 186;
    private const int SysGetThreadArm64 = 178;
    private const int PrSetParentDeathSignal = 1;
    private const int MlockCurrentFutureOnFault = 1 | 2 | 4;
    private const int FifoResetOnFork = 1 | 0x40000000;
    private const int AddressPathBytes = 108;

    /// <summary>True where the numbers above are known to hold.</summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>The error of the last call on this thread that returned a negative number.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    public static long BootTimeNs()
    {
        TimeSpec time;
        return clock_gettime(ClockBootTime, &time) == 0 ? (time.Seconds * GuardProtocol.NsPerSecond) + time.Nanoseconds : throw new PlatformNotSupportedException();
    }

    public static int Open(string path, int flags, int mode) => open(path, flags | CloseOnExec, mode);

    public static int OpenForReading(ReadOnlySpan<byte> pathWithZero)
    {
        fixed (byte* first = pathWithZero)
            return open_bytes(first, CloseOnExec, 0);
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    public static int Read(int descriptor, Span<byte> target)
    {
        fixed (byte* first = target)
            return (int)read(descriptor, first, (nuint)target.Length);
    }

    public static void Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
            _ = write(descriptor, first, (nuint)bytes.Length);
    }

    /// <summary>Whether the whole file is now locked by this descriptor, until every copy of it is closed.</summary>
    public static bool TryLock(int descriptor) => flock(descriptor, LockExclusiveNow) == 0;

    /// <summary>A listening socket that only this user may connect to; negative when it can't be.</summary>
    public static int Listen(string path, int backlog)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(path);
        if (name.Length >= AddressPathBytes)
        {
            Marshal.SetLastPInvokeError(36); // ENAMETOOLONG
            return -1;
        }

        var descriptor = socket(Unix, SequencedPackets | NonBlocking | CloseOnExec, 0);
        if (descriptor < 0)
            return -1;
        var address = stackalloc byte[2 + AddressPathBytes];
        new Span<byte>(address, 2 + AddressPathBytes).Clear();
        *(ushort*)address = Unix;
        name.CopyTo(new Span<byte>(address + 2, AddressPathBytes));
        var mask = umask(OwnerOnlyMask);
        var bound = bind(descriptor, address, (uint)(2 + name.Length + 1));
        var error = LastError;
        _ = umask(mask);
        if (bound == 0 && listen(descriptor, backlog) == 0)
            return descriptor;
        Close(descriptor);
        Marshal.SetLastPInvokeError(bound == 0 ? LastError : error);
        return -1;
    }

    public static int Accept(int listener) => accept4(listener, null, null, NonBlocking | CloseOnExec);

    public static bool IsOfUser(int socket, uint user)
    {
        var credentials = stackalloc uint[3];
        uint length = 3 * sizeof(uint);
        return getsockopt(socket, SolSocket, SoPeerCred, credentials, &length) == 0 && credentials[1] == user;
    }

    /// <summary>Takes one packet; its whole length, also when that is more than the target.</summary>
    public static int Receive(int socket, Span<byte> target)
    {
        fixed (byte* first = target)
            return (int)recv(socket, first, (nuint)target.Length, MsgDontWait | MsgTruncate);
    }

    public static int Send(int socket, ReadOnlySpan<byte> packet)
    {
        fixed (byte* first = packet)
            return (int)send(socket, first, (nuint)packet.Length, MsgDontWait | MsgNoSignal);
    }

    public static int CreateBootTimer() => timerfd_create(ClockBootTime, NonBlocking | CloseOnExec);

    /// <summary>Becomes readable at that instant of <see cref="BootClock"/>; with 0 never. What was is forgotten.</summary>
    public static void SetTimer(int timer, long atNs)
    {
        var setting = stackalloc TimeSpec[2];
        setting[0] = default;
        setting[1] = new TimeSpec { Seconds = atNs / GuardProtocol.NsPerSecond, Nanoseconds = atNs % GuardProtocol.NsPerSecond };
        _ = timerfd_settime(timer, TimerAbsolute, setting, null);
    }

    public static int Poll(PollEntry[] entries, int timeoutMs)
    {
        fixed (PollEntry* first = entries)
            return poll(first, (nuint)entries.Length, timeoutMs);
    }

    public static int OpenProcess(int process) => (int)syscall(SysPidFdOpen, process, 0, 0, 0);

    public static int SignalProcess(int processDescriptor, int signal) => (int)syscall(SysPidFdSendSignal, processDescriptor, signal, 0, 0);

    /// <summary>Whether that child has ended, and its status as wait(2) has it.</summary>
    public static bool TryReap(int process, out int status)
    {
        int value = 0;
        var reaped = waitpid(process, &value, NoHang);
        status = value;
        return reaped == process;
    }

    /// <summary>Kills a child that nothing is known of yet, and waits for its end.</summary>
    public static void KillChild(int process)
    {
        int status;
        _ = kill(process, SigKill);
        _ = waitpid(process, &status, 0);
    }

    /// <summary>Starts a process by posix_spawn, which does not copy this one.</summary>
    public static int Spawn(out int process, byte* path, void* actions, void* attributes, byte** arguments, byte** environment)
    {
        int started;
        var error = posix_spawn(&started, path, actions, attributes, arguments, environment);
        process = started;
        return error;
    }

    /// <summary>Pages that are here, or will be, stay.</summary>
    public static bool LockMemory() => mlockall(MlockCurrentFutureOnFault) == 0;

    /// <summary>Runs this thread before all ordinary ones, but not what it starts.</summary>
    public static bool RunFirst()
    {
        var priority = 1;
        return sched_setscheduler(0, FifoResetOnFork, &priority) == 0;
    }

    public static void Ignore(int signal) => Libc.signal(signal, 1);

    public static void SetDefault(int signal) => Libc.signal(signal, 0);

    public static uint User => geteuid();

    public static int Parent => getppid();

    public static bool IsMainThread => getpid() == (int)syscall(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? SysGetThreadX64 : SysGetThreadArm64, 0, 0, 0, 0);

    public static void BeginSession() => _ = setsid();

    public static bool EnterFolder(string path) => chdir(path) == 0;

    public static void Remove(string path) => _ = unlink(path);

    public static void Duplicate(int from, int to) => _ = dup2(from, to);

    /// <summary>No descriptor from this one on is given to what is started, whoever left it to us.</summary>
    public static void KeepFrom(int first) => _ = syscall(SysCloseRange, first, int.MaxValue, CloseRangeOnExec, 0);

    public static void Truncate(int descriptor) => _ = ftruncate(descriptor, 0);

    /// <summary>This process dies when the thread that started it does.</summary>
    public static bool DieWithParent() => prctl(PrSetParentDeathSignal, SigKill, 0, 0, 0) == 0;

    /// <summary>Becomes another program; returns only when that failed.</summary>
    public static void Execute(IReadOnlyList<string> command)
    {
        var arguments = (byte**)NativeMemory.AllocZeroed((nuint)command.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < command.Count; i++)
            arguments[i] = (byte*)Marshal.StringToCoTaskMemUTF8(command[i]);
        _ = execvp(arguments[0], arguments);
    }

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int open_bytes(byte* path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* target, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* source, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int descriptor, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(int descriptor, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int listener, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int name, uint* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int descriptor, byte* target, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int descriptor, byte* source, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_create(int clock, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_settime(int timer, int flags, TimeSpec* setting, TimeSpec* former);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int process, int* status, int options);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int posix_spawn(int* process, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mlockall(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setscheduler(int process, int policy, int* priority);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int getpid();

    [LibraryImport("libc")]
    private static partial int getppid();

    [LibraryImport("libc")]
    private static partial int setsid();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial int umask(int mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int execvp(byte* path, byte** arguments);
}
