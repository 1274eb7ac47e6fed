namespace Flotilla.Cluster.Core;

/// <summary>What a server's node last said of it.</summary>
public sealed record ServerReport
{
    public required ServerStatus Status { get; init; }

    /// <summary>The newest epoch its node knew of when it looked.</summary>
    public ulong Epoch { get; init; }

    public bool IsReadOnly { get; init; }

    /// <summary>Where it replicates from; null without a source, or with one that is no server of the cluster.</summary>
    public ServerName? Source { get; init; }

    /// <summary>Its receiver runs; connected or not.</summary>
    public bool IsReceiverRunning { get; init; }

    /// <summary>Its receiver has a connection to <see cref="Source"/>.</summary>
    public bool IsReceiving { get; init; }

    public ReplicationPosition Logged { get; init; } = ReplicationPosition.None;

    public ReplicationPosition Applied { get; init; } = ReplicationPosition.None;

    public ReplicationPosition Received { get; init; } = ReplicationPosition.None;

    public int? LagSeconds { get; init; }

    public int ThreadsRunning { get; init; }

    public string Version { get; init; } = "";

    public string BinlogFormat { get; init; } = "";

    /// <summary>What keeps it from being what it should be; empty when nothing does.</summary>
    public string Error { get; init; } = "";
}
