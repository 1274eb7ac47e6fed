namespace Flotilla.Cluster.Core;

/// <summary>How a node's part in the cluster behaves. Times are on the machine's clock that goes on while it sleeps; all nodes should use the same.</summary>
public sealed record AgentOptions
{
    private const long Ms = 1_000_000;

    public required NodeName Node { get; init; }

    /// <summary>This life of the node's process: never the same twice.</summary>
    public required ulong Life { get; init; }

    /// <summary>Up to which level of the rules it goes: what its program knows, or less, as a program before it.</summary>
    public int Level { get; init; } = ClusterState.LevelKnown;

    /// <summary>Between keep-alives of a primary. 200 ms.</summary>
    public long KeepAliveNs { get; init; } = 200 * Ms;

    /// <summary>How far the rates of two clocks may differ. 1000 ppm.</summary>
    public int ClockDriftPpm { get; init; } = 1000;

    /// <summary>From a guard's deadline to the end of its server. 100 ms.</summary>
    public long KillNs { get; init; } = 100 * Ms;

    /// <summary>A server that answered once and has not for so long hangs. 2 s.</summary>
    public long HangNs { get; init; } = 2_000 * Ms;

    /// <summary>The same for a replica: it is not in such a hurry. 10 s.</summary>
    public long ReplicaHangNs { get; init; } = 10_000 * Ms;

    /// <summary>A server that starts may take so long to answer: crash recovery. 30 minutes.</summary>
    public long StartNs { get; init; } = 1_800_000 * Ms;

    /// <summary>Who asks a server of a node that is gone expects an answer within this. 50 ms.</summary>
    public long AnswerNs { get; init; } = 50 * Ms;

    /// <summary>So long before the end of its lease a primary that has not answered since its node is gone is begun to be replaced. 400 ms; the next one is not writable before the end.</summary>
    public long AheadNs { get; init; } = 400 * Ms;

    /// <summary>Between two looks at a server when nothing changes. 250 ms.</summary>
    public long LookNs { get; init; } = 250 * Ms;

    /// <summary>Between two reports of a server while only its positions change. 1 s.</summary>
    public long ReportNs { get; init; } = 1_000 * Ms;

    /// <summary>A server is reported again after so long, news or not, and for so long whenever a node came. 5 s.</summary>
    public long ReportAgainNs { get; init; } = 5_000 * Ms;

    /// <summary>What was said or done without effect is said or done again after so long. 1 s.</summary>
    public long RepeatNs { get; init; } = 1_000 * Ms;

    /// <summary>How long a switchover waits for the candidate to be close, and then for the primary to become read-only. 10 s.</summary>
    public long SwitchoverNs { get; init; } = 10_000 * Ms;

    /// <summary>A candidate that applies nothing for so long is given up when there is another one. 30 s.</summary>
    public long DrainNs { get; init; } = 30_000 * Ms;

    /// <summary>A candidate has so long to become writable. 10 s.</summary>
    public long PromoteNs { get; init; } = 10_000 * Ms;

    /// <summary>After an outage the last primary is waited for so long, when the others could go on without. 5 s.</summary>
    public long PatienceNs { get; init; } = 5_000 * Ms;

    /// <summary>An acker whose node is gone is locked out after so long. 3 s.</summary>
    public long AckerGoneNs { get; init; } = 3_000 * Ms;

    /// <summary>A primary that none of its replicas, which are well, can connect to for so long is replaced. Less than <see cref="AckerSilentNs"/>: it is better than to go on without acknowledgements.</summary>
    public long UnreachedNs { get; init; } = 5_000 * Ms;

    /// <summary>An acker that receives nothing is locked out, and <see cref="LossPolicy.Available"/> goes on without, after so long. 10 s.</summary>
    public long AckerSilentNs { get; init; } = 10_000 * Ms;

    /// <summary>The longest a server with that lease may outlive the last keep-alive that came, on anybody's clock.</summary>
    public long LeaseEndNs(long leaseNs) => leaseNs + (leaseNs / 1_000_000 * ClockDriftPpm) + KillNs;
}
