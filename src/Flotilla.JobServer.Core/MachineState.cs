using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>What the parts of the machine share: its tables, the parts themselves, and the step that is under way.</summary>
internal sealed class MachineState
{
    private IJobServerEffects? _effects;

    public MachineState(JobMachineOptions options)
    {
        Options = options;
        Handles = new JobHandles(options.HandlePrefix);
        Jobs = new JobTable(options.HashSeed);
        Timers = new JobTimers(Jobs);
        Functions = new FunctionTable(options);
        Abilities = new WorkerAbilities(Functions);
        Links = new ClientLinks(Jobs);
        Replies = new Replies(this);
        WakeUps = new WakeUps(this);
        Ledger = new StoreLedger(this);
        Lifecycle = new JobLifecycle(this);
        Submissions = new Submissions(this);
        Schedules = new ScheduleTable(this);
        Listings = new Listings(this);
        Access = new AccessControl(this);
        Purges = new FunctionPurges(this);
        NextJobId = options.FirstJobId;
    }

    public JobMachineOptions Options { get; }

    public JobHandles Handles { get; }

    public JobTable Jobs { get; }

    public JobTimers Timers { get; }

    public FunctionTable Functions { get; }

    public ConnectionTable Connections { get; } = new();

    public WorkerAbilities Abilities { get; }

    public ClientLinks Links { get; }

    public Replies Replies { get; }

    public WakeUps WakeUps { get; }

    public StoreLedger Ledger { get; }

    public JobLifecycle Lifecycle { get; }

    public Submissions Submissions { get; }

    public ScheduleTable Schedules { get; }

    public Listings Listings { get; }

    public AccessControl Access { get; }

    public FunctionPurges Purges { get; }

    public MachineCounters Counters { get; } = new();

    public ulong NextJobId { get; set; }

    /// <summary>Jobs in workers' hands, cancelled ones not counted.</summary>
    public int RunningJobs { get; set; }

    /// <summary>Jobs in dead-letter lists.</summary>
    public int DeadJobs { get; set; }

    public bool IsDraining { get; set; }

    /// <summary>Connections end because the runtime stops, which is no fault of their jobs; implies <see cref="IsDraining"/>.</summary>
    public bool IsStopping { get; set; }

    /// <summary>When the next job becomes due or overdue; while stopping, neither changes anything any more.</summary>
    public long NextTimerMs => IsStopping ? long.MaxValue : Timers.NextMs;

    public long StartedAtMs { get; private set; } = -1;

    public long NowMs { get; private set; }

    public IJobServerEffects Effects
    {
        get
        {
            Invariant.Require(_effects is not null);
            return _effects;
        }
    }

    public JobId NewJobId() => new(NextJobId++);

    public void BeginStep(long nowMs, IJobServerEffects effects)
    {
        if (StartedAtMs < 0)
            StartedAtMs = nowMs;
        NowMs = Math.Max(NowMs, nowMs);
        _effects = effects;
    }

    public void EndStep() => _effects = null;

    public void Report(JobServerEventKind kind, int job, string? detail = null, long waitedMs = 0, long ranMs = 0, ReadOnlySpan<byte> result = default)
    {
        ref var record = ref Jobs[job];
        Effects.Report(new JobServerEvent
        {
            Kind = kind,
            Connection = new ConnectionId(record.Worker),
            Job = new JobId(record.Id),
            Priority = record.Priority,
            FunctionIndex = record.Function,
            Function = Functions[record.Function].Name,
            WaitedMs = waitedMs,
            RanMs = ranMs,
            IsBackground = record.Has(JobFlags.Background),
            Result = result,
            Detail = detail,
        });
    }

    public void Report(JobServerEventKind kind, FunctionState function, ConnectionId connection, string? detail = null)
        => Effects.Report(new JobServerEvent
        {
            Kind = kind,
            Connection = connection,
            FunctionIndex = function.Index,
            Function = function.Name,
            Detail = detail,
        });
}
