namespace Flotilla.Guard;

/// <summary>The one server of a guard: started or attached to, signalled, and seen to its end.</summary>
internal sealed class GuardedServer(GuardOptions options) : IDisposable
{
    private readonly ServerLauncher? _launcher = options.Command.Count == 0
        ? null : new ServerLauncher(ServerLauncher.Bind(options), OwnProgram.ServerEnvironment(), options.EffectiveLogPath);

    private readonly string _lockPath = options.ServerLockPath;

    public GuardedPhase Phase { get; private set; }

    public GuardRole Role { get; private set; }

    public bool IsAttached { get; private set; }

    public int Process { get; private set; }

    /// <summary>Readable when the process is gone with all its threads; -1 without one.</summary>
    public int Descriptor { get; private set; } = -1;

    public KillCause Killed { get; private set; }

    public ServerExit Exit { get; private set; }

    public int ExitCode { get; private set; }

    public long StartedNs { get; private set; }

    public long KilledNs { get; private set; }

    public long EndedNs { get; private set; }

    /// <summary>When a server that was told to stop is killed; 0 when it was not told.</summary>
    public long GraceEndsNs { get; private set; }

    public bool IsRunning => Phase == GuardedPhase.Running;

    /// <summary>It runs, and was not killed.</summary>
    public bool IsAlive => IsRunning && Killed == KillCause.None;

    public GuardRefusal Start(GuardRole role, ReadOnlySpan<byte> arguments, long nowNs, out int error)
    {
        error = 0;
        if (IsRunning)
            return GuardRefusal.ServerRuns;
        if (_launcher is null)
            return GuardRefusal.NoProgram;
        var lockDescriptor = Libc.Open(_lockPath, Libc.Create | Libc.ReadWrite, Libc.OwnerOnly);
        if (lockDescriptor < 0)
        {
            error = Libc.LastError;
            return GuardRefusal.NotStarted;
        }

        if (!Libc.TryLock(lockDescriptor))
        {
            Libc.Close(lockDescriptor);
            return GuardRefusal.FormerServerEnding;
        }

        Signals.Ignore();
        error = _launcher.Start(arguments, lockDescriptor, out var process);
        Libc.Close(lockDescriptor);
        var descriptor = error == 0 ? Libc.OpenProcess(process) : -1;
        if (error == 0 && descriptor < 0)
        {
            error = Libc.LastError;
            Libc.KillChild(process);
        }

        if (error != 0)
        {
            Signals.SetDefault();
            return GuardRefusal.NotStarted;
        }

        Begin(role, process, descriptor, attached: false, nowNs);
        return GuardRefusal.None;
    }

    public GuardRefusal Attach(GuardRole role, int process, ulong began, long nowNs, out int error)
    {
        error = 0;
        if (IsRunning)
            return GuardRefusal.ServerRuns;
        var descriptor = Libc.OpenProcess(process);
        if (descriptor < 0)
        {
            error = Libc.LastError;
            return GuardRefusal.NotAttached;
        }

        // The descriptor was there before this look, so it is that of the process which began then.
        var mayNot = Libc.SignalProcess(descriptor, 0) < 0;
        error = mayNot ? Libc.LastError : 0;
        if (mayNot || ProcessFiles.Began(process) != began)
        {
            Libc.Close(descriptor);
            return GuardRefusal.NotAttached;
        }

        Signals.Ignore();
        Begin(role, process, descriptor, attached: true, nowNs);
        return GuardRefusal.None;
    }

    /// <summary>Whether it still is of the user that it was started as: a change would have taken its parent death signal away.</summary>
    public bool DiesWithGuard() => IsAttached || options.User is not null || ProcessFiles.IsOfUser(Process, Libc.User);

    /// <summary>SIGTERM, and SIGKILL when the grace is over.</summary>
    public void Stop(uint graceMs, long nowNs)
    {
        GraceEndsNs = nowNs + (graceMs * GuardProtocol.NsPerMs);
        _ = Libc.SignalProcess(Descriptor, Libc.SigTerm);
    }

    public void Kill(KillCause cause, long nowNs)
    {
        _ = Libc.SignalProcess(Descriptor, Libc.SigKill);
        Killed = cause;
        KilledNs = nowNs;
    }

    /// <summary>Takes note of its end.</summary>
    public bool TryEnd(long nowNs)
    {
        if (IsAttached)
        {
            Exit = ServerExit.Unknown;
        }
        else if (!TryReap())
        {
            return false;
        }

        Libc.Close(Descriptor);
        Descriptor = -1;
        Phase = GuardedPhase.Ended;
        EndedNs = nowNs;
        GraceEndsNs = 0;
        Signals.SetDefault();
        return true;
    }

    public void Dispose()
    {
        if (Descriptor >= 0)
            Libc.Close(Descriptor);
        _launcher?.Dispose();
    }

    private void Begin(GuardRole role, int process, int descriptor, bool attached, long nowNs)
    {
        Phase = GuardedPhase.Running;
        Role = role;
        Process = process;
        Descriptor = descriptor;
        IsAttached = attached;
        StartedNs = nowNs;
        KilledNs = EndedNs = GraceEndsNs = 0;
        Killed = KillCause.None;
        Exit = ServerExit.None;
        ExitCode = 0;
    }

    private bool TryReap()
    {
        if (!Libc.TryReap(Process, out var status))
            return false;
        var signal = status & 0x7F;
        Exit = signal == 0 ? ServerExit.Code : ServerExit.Signal;
        ExitCode = signal == 0 ? (status >> 8) & 0xFF : signal;

        // What the server started may have the lock still, but is no server: the next one gets another file.
        Libc.Remove(_lockPath);
        return true;
    }
}
