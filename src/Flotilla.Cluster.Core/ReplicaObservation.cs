namespace Flotilla.Cluster.Core;

/// <summary>How a server replicates.</summary>
public sealed record ReplicaObservation
{
    public required string SourceHost { get; init; }

    public required int SourcePort { get; init; }

    public required bool UsesGtid { get; init; }

    /// <summary>The thread that receives (and acknowledges) runs; connected or not.</summary>
    public required bool IsReceiverRunning { get; init; }

    /// <summary>The receiver has a connection to its source.</summary>
    public required bool IsReceiverConnected { get; init; }

    public required bool IsApplierRunning { get; init; }

    /// <summary>The last transaction of each domain that is in the relay log (<c>Gtid_IO_Pos</c>). After a restart it may be less than what is there.</summary>
    public required ReplicationPosition Received { get; init; }

    /// <summary>The relay log has events which were not applied, told from its files and positions, not from <see cref="Received"/>.</summary>
    public required bool HasUnapplied { get; init; }

    /// <summary>Behind by so many seconds; null when the server can't tell.</summary>
    public int? LagSeconds { get; init; }

    public string ReceiverError { get; init; } = "";

    public string ApplierError { get; init; } = "";
}
