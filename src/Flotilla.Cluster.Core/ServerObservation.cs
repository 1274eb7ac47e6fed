namespace Flotilla.Cluster.Core;

/// <summary>What a server was seen to be, all at one time. What could not be seen is null.</summary>
public sealed record ServerObservation
{
    /// <summary>Whether its process runs, as its guard says; null where no guard could be asked.</summary>
    public bool? IsRunning { get; init; }

    /// <summary>
    /// Whether it answered all questions in time, the small write included that no replica is waited for (<c>sql_log_bin=0</c>). Where it did not, <see cref="Error"/> says why, and
    /// nothing below counts.
    /// </summary>
    public required bool IsAnswering { get; init; }

    public string? Error { get; init; }

    /// <summary>As <c>@@version</c> says.</summary>
    public string Version { get; init; } = "";

    public uint ServerId { get; init; }

    public bool IsReadOnly { get; init; }

    /// <summary>The role its last crash recovery was done in, as its guard knows; null where it did not start it.</summary>
    public ServerRole? RecoveredAs { get; init; }

    /// <summary>What is in its own binary log (<c>gtid_binlog_pos</c>).</summary>
    public ReplicationPosition Logged { get; init; } = ReplicationPosition.None;

    /// <summary>What it applied or committed itself (<c>gtid_current_pos</c>).</summary>
    public ReplicationPosition Applied { get; init; } = ReplicationPosition.None;

    /// <summary>The last transaction of each domain and server in its binary log (<c>gtid_binlog_state</c>), as text.</summary>
    public string LoggedState { get; init; } = "";

    /// <summary><c>@@binlog_format</c>: ROW, MIXED or STATEMENT; empty without a binary log.</summary>
    public string BinlogFormat { get; init; } = "";

    /// <summary>How it replicates; null where it has no source.</summary>
    public ReplicaObservation? Replica { get; init; }

    /// <summary>Whether it waits for acknowledgements of its commits.</summary>
    public bool IsSemiSyncPrimary { get; init; }

    /// <summary>Whether it acknowledges what it receives.</summary>
    public bool IsSemiSyncReplica { get; init; }

    /// <summary>How many connected replicas acknowledge, whoever they are.</summary>
    public int AcknowledgingReplicas { get; init; }

    /// <summary>
    /// Commits of this life of its process that ended without the acknowledgement that they waited for: killed, or let go when acknowledgements were switched off. All of them are in <see cref="Logged"/>.
    /// </summary>
    public long UnacknowledgedCommits { get; init; }

    /// <summary>Server ids of the replicas that are connected.</summary>
    public IReadOnlyList<uint> ConnectedReplicas { get; init; } = [];

    /// <summary>Servers whose accounts may replicate from this one: not locked.</summary>
    public IReadOnlyList<ServerName> AllowedReplicas { get; init; } = [];

    /// <summary>Statements at work.</summary>
    public int ThreadsRunning { get; init; }
}
