namespace Flotilla.Cluster.Topology;

/// <summary>A server as clients see it.</summary>
public sealed record TopologyMember
{
    /// <summary>Unique in the cluster; of an announced server <c>host:port</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The node that has it, or that it was announced to.</summary>
    public required string Node { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required TopologyRole Role { get; init; }

    public required TopologyStatus Status { get; init; }

    /// <summary>The epoch in which it has the role; 0 when it was announced.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>How far it is behind the primary, in seconds; null when that is not known.</summary>
    public int? LagSeconds { get; init; }

    /// <summary>Threads that run in it.</summary>
    public int Load { get; init; }

    public required string Site { get; init; }

    /// <summary>How old <see cref="LastHeartbeat"/> may become before nothing here counts.</summary>
    public required int TtlSeconds { get; init; }

    /// <summary>When it was last known to be watched, by the clock of the node that says so; null for never.</summary>
    public DateTimeOffset? LastHeartbeat { get; init; }

    public bool IsInMaintenance { get; init; }

    /// <summary>Its node neither starts nor ends it, and it is never primary.</summary>
    public bool IsWatched { get; init; }

    /// <summary>It announced itself: the cluster shows it, and does nothing to it.</summary>
    public bool IsAnnounced { get; init; }

    /// <summary>What keeps it from being what it should be; empty when nothing does.</summary>
    public required string Error { get; init; }

    /// <summary>Where it replicates from; null for nowhere or a server outside.</summary>
    public string? Source { get; init; }
}
