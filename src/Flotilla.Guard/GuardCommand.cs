using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Flotilla.Guard;

/// <summary>
/// <c>flotilla guard</c>: for nodes, not for people. Says <c>ready</c> on standard output when it can be connected to, then lets go of its terminal.
/// </summary>
public static class GuardCommand
{
    /// <summary>The word of the command line.</summary>
    public const string Name = "guard";

    internal const string Ready = "ready";

    /// <summary>Another guard has this folder.</summary>
    internal const int TakenCode = 4;

    private const DynamicallyAccessedMemberTypes Callable = DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.NonPublicConstructors
        | DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    private const int FailedCode = 1;
    private const int UsageCode = 2;
    private const int ListenBacklog = 16;
    private const int LogMode = 0x1A0; // 0640

    /// <summary>Runs it; must be called on the program's first thread, whose end would end the server.</summary>
    /// <param name="arguments">What stands behind the word.</param>
    /// <returns>The exit code: 0 it ended when told or when it was not needed any more, 1 something failed, 2 the command line is wrong, 4 the folder has a guard.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (!Libc.IsSupported || !Libc.IsMainThread)
            return Fail(FailedCode, "a guard needs Linux on x86-64 or arm64, and the first thread of its process");
        if (arguments is [OwnProgram.ExecWord, var parent, .. var command] && command.Length > 0)
            return Become(parent, command.ToArray());
        try
        {
            return Run(GuardOptions.Parse(arguments));
        }
        catch (GuardException wrong)
        {
            return Fail(UsageCode, wrong.Message);
        }
    }

    /// <summary>Compiles and binds all that a guard may call: later nothing needs to be read from files that may have been replaced, or from a disk that hangs.</summary>
    internal static void Prepare()
    {
        Prepare(typeof(GuardLoop));
        Prepare(typeof(GuardedServer));
        Prepare(typeof(GuardLog));
        Prepare(typeof(GuardState));
        Prepare(typeof(Libc));
        Prepare(typeof(LogLine));
        Prepare(typeof(ProcessFiles));
        Prepare(typeof(Reply));
        Prepare(typeof(Request));
        Prepare(typeof(ServerLauncher));
        Prepare(typeof(ServerLease));
        Prepare(typeof(Signals));
    }

    private static void Prepare([DynamicallyAccessedMembers(Callable)] Type type)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var method in (MethodBase[])[.. type.GetConstructors(all), .. type.GetMethods(all)])
        {
            if (method is MethodInfo call && method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
                Marshal.Prelink(call);
            else if (!method.ContainsGenericParameters)
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }
    }

    private static int Run(GuardOptions options)
    {
        Libc.KeepFrom(ServerLauncher.LockDescriptor);
        if (!Libc.EnterFolder(options.Folder))
            return Fail(FailedCode, $"{options.Folder}: {Libc.Describe(Libc.LastError)}");
        var guardLock = Libc.Open(options.LockPath, Libc.Create | Libc.ReadWrite, Libc.OwnerOnly);
        if (guardLock < 0)
            return Fail(FailedCode, $"{options.LockPath}: {Libc.Describe(Libc.LastError)}");
        if (!Libc.TryLock(guardLock))
            return Fail(TakenCode, $"{options.Folder} has a guard");
        Libc.Truncate(guardLock);
        Libc.Write(guardLock, Encoding.UTF8.GetBytes($"{Environment.ProcessId}\n"));

        // Whoever left a socket there does not live any more, or it would have the lock.
        Libc.Remove(options.EffectiveSocketPath);
        var listener = Libc.Listen(options.EffectiveSocketPath, ListenBacklog);
        if (listener < 0)
            return Fail(FailedCode, $"{options.EffectiveSocketPath}: {Libc.Describe(Libc.LastError)}");
        var log = Libc.Open(options.EffectiveLogPath, Libc.Create | Libc.WriteOnly | Libc.Append, LogMode);
        if (log < 0)
            return Fail(FailedCode, $"{options.EffectiveLogPath}: {Libc.Describe(Libc.LastError)}");
        Libc.BeginSession();
        Signals.SetDefault();
        using var guard = new GuardLoop(options, listener, new GuardLog(log), Claim());
        Prepare();
        LetGo();
        while (guard.Turn())
        {
            // Until it is told to quit, or nobody needs it.
        }

        Libc.Remove(options.EffectiveSocketPath);
        return 0;
    }

    /// <summary>What helps when the host is in trouble, as far as it is granted.</summary>
    private static GuardFlags Claim()
        => (Libc.LockMemory() ? GuardFlags.MemoryLocked : GuardFlags.None) | (Libc.RunFirst() ? GuardFlags.RealTime : GuardFlags.None);

    private static void LetGo()
    {
        Libc.Write(1, "ready\n"u8);
        var nothing = Libc.Open("/dev/null", Libc.ReadWrite, 0);
        for (var descriptor = 0; descriptor <= 2; descriptor++)
            Libc.Duplicate(nothing, descriptor);
        Libc.Close(nothing);
    }

    /// <summary>What setpriv and a shell do elsewhere, see <see cref="ServerLauncher"/>.</summary>
    private static int Become(string parent, string[] command)
    {
        if (!Libc.DieWithParent() || Libc.Parent.ToString(System.Globalization.CultureInfo.InvariantCulture) != parent)
            return Fail(FailedCode, "the guard has died");
        for (var signal = 1; signal < Libc.SignalsEnd; signal++)
            Libc.SetDefault(signal);
        Libc.Execute(command);
        return Fail(FailedCode, $"{command[0]}: {Libc.Describe(Libc.LastError)}");
    }

    private static int Fail(int code, string why)
    {
        Libc.Write(2, Encoding.UTF8.GetBytes($"flotilla guard: {why}\n"));
        return code;
    }
}
