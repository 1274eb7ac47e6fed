using System.Runtime.InteropServices;

namespace Flotilla.Guard;

/// <summary>
/// Starts the server as a child of the calling thread. All that can be prepared is, in memory that the garbage collector does not know, so that a start allocates nothing.
/// <list type="bullet">
/// <item>The server dies with that thread: <c>setpriv</c> of util-linux asks for a parent death signal. Where it is missing this program does it itself, by
/// <see cref="OwnProgram.ExecWord"/>. Both change to the user first, as a change of users takes the signal away, and both look whether the parent still is the one that
/// started them, as it may have died before the signal was asked for.</item>
/// <item>Its standard output and error go to a log file. It has a session of its own, no signal blocked or ignored, and no descriptor of ours but one.</item>
/// <item>That one is a lock which ends with the server and whatever it started: nobody starts another server while it is held.</item>
/// </list>
/// </summary>
internal sealed unsafe partial class ServerLauncher : IDisposable
{
    /// <summary>Where the server holds its lock.</summary>
    public const int LockDescriptor = 3;

    private const string CheckParent = "[ \"$PPID\" = \"$0\" ] && exec \"$@\"";

    /// <summary>More than glibc and musl need for posix_spawn_file_actions_t, posix_spawnattr_t and sigset_t.</summary>
    private const int OpaqueBytes = 1024;

    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short NewSession = 0x80;
    private const int LogMode = 0x1A0; // 0640

    private readonly byte** _arguments;
    private readonly int _argumentCount;
    private readonly byte** _environment;
    private readonly byte* _extra;
    private readonly byte* _logPath;
    private readonly byte* _noInput;
    private readonly void* _attributes;

    public ServerLauncher(IReadOnlyList<string> command, IReadOnlyList<string> environment, string logPath)
    {
        _argumentCount = command.Count;
        _arguments = Texts(command, GuardProtocol.ArgumentsMax);
        _environment = Texts(environment, 0);
        _extra = (byte*)NativeMemory.Alloc(GuardProtocol.PacketBytesMax);
        _logPath = Text(logPath);
        _noInput = Text("/dev/null");
        _attributes = NativeMemory.AllocZeroed(OpaqueBytes);
        var signals = NativeMemory.AllocZeroed(OpaqueBytes);
        _ = posix_spawnattr_init(_attributes);
        _ = sigemptyset(signals);
        _ = posix_spawnattr_setsigmask(_attributes, signals);
        _ = sigfillset(signals);
        _ = posix_spawnattr_setsigdefault(_attributes, signals);
        _ = posix_spawnattr_setflags(_attributes, SetSignalDefaults | SetSignalMask | NewSession);
        NativeMemory.Free(signals);
    }

    /// <summary>The words that start the server, bound to the life of this process.</summary>
    public static IReadOnlyList<string> Bind(GuardOptions options)
    {
        var parent = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (OwnProgram.FindSetPriv() is not { } setPriv)
        {
            if (options.User is not null)
                throw new GuardException($"setpriv of util-linux is in no folder of PATH: without it the server can't be started as {options.User}");
            return [.. OwnProgram.Command, GuardCommand.Name, OwnProgram.ExecWord, parent, .. options.Command];
        }

        string[] user = options.User is { } name ? [$"--reuid={name}", $"--regid={options.Group ?? name}", "--init-groups"] : [];
        return [setPriv, .. user, "--pdeathsig", "KILL", "/bin/sh", "-c", CheckParent, parent, .. options.Command];
    }

    /// <summary>Starts it; 0 or the system's number for why not.</summary>
    public int Start(ReadOnlySpan<byte> extra, int lockDescriptor, out int process)
    {
        Append(extra);
        var actions = stackalloc byte[OpaqueBytes];
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawn_file_actions_addopen(actions, 0, _noInput, Libc.ReadOnly, 0);
        _ = posix_spawn_file_actions_addopen(actions, 1, _logPath, Libc.WriteOnly | Libc.Append | Libc.Create, LogMode);
        _ = posix_spawn_file_actions_adddup2(actions, 1, 2);
        _ = posix_spawn_file_actions_adddup2(actions, lockDescriptor, LockDescriptor);
        var error = Libc.Spawn(out process, _arguments[0], actions, _attributes, _arguments, _environment);
        _ = posix_spawn_file_actions_destroy(actions);
        return error;
    }

    public void Dispose()
    {
        Free(_arguments, _argumentCount);
        Free(_environment, int.MaxValue);
        NativeMemory.Free(_extra);
        NativeMemory.Free(_logPath);
        NativeMemory.Free(_noInput);
        _ = posix_spawnattr_destroy(_attributes);
        NativeMemory.Free(_attributes);
    }

    private void Append(ReadOnlySpan<byte> extra)
    {
        extra.CopyTo(new Span<byte>(_extra, GuardProtocol.PacketBytesMax));
        var count = _argumentCount;
        for (var at = 0; at < extra.Length; at += extra[at..].IndexOf((byte)0) + 1)
            _arguments[count++] = _extra + at;
        _arguments[count] = null;
    }

    private static byte** Texts(IReadOnlyList<string> texts, int room)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Count + room + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
            list[i] = Text(texts[i]);
        return list;
    }

    private static byte* Text(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var copy = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    private static void Free(byte** texts, int count)
    {
        for (var i = 0; i < count && texts[i] is not null; i++)
            NativeMemory.Free(texts[i]);
        NativeMemory.Free(texts);
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addopen(void* actions, int descriptor, byte* path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int sigemptyset(void* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(void* signals);
}
