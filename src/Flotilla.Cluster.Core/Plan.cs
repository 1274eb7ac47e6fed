using System.Collections.Immutable;

namespace Flotilla.Cluster.Core;

/// <summary>The way to the next primary.</summary>
public sealed record Plan
{
    /// <summary>Grows with every plan; commands name it, so one that was made for another changes nothing.</summary>
    public required ulong Number { get; init; }

    public required PlanKind Kind { get; init; }

    public required PlanPhase Phase { get; init; }

    /// <summary>The epoch it begins.</summary>
    public required ulong Epoch { get; init; }

    public required string Cause { get; init; }

    /// <summary>A person said that something may be lost.</summary>
    public bool IsForced { get; init; }

    /// <summary>Servers that plans before this one gave up.</summary>
    public ImmutableArray<ServerName> Without { get; init; } = [];

    public Fence? Fence { get; init; }

    /// <summary>What was collected.</summary>
    public ImmutableArray<ServerPosition> Positions { get; init; } = [];

    public ServerName? Candidate { get; init; }

    /// <summary>Whom a person wants to be primary; null for "whoever is best".</summary>
    public ServerName? Wish { get; init; }

    /// <summary>The order it carries out; 0 for none.</summary>
    public ulong Order { get; init; }

    /// <summary>Has what the candidate lacks.</summary>
    public ServerName? Source { get; init; }

    /// <summary>What the next primary must have.</summary>
    public ReplicationPosition? Target { get; init; }

    /// <summary>Witnesses that were not asked: what only they have is lost, by a decision that is in the history.</summary>
    public ImmutableArray<ServerName> Missing { get; init; } = [];

    /// <summary>The candidate said that it has all of <see cref="Target"/> applied.</summary>
    public bool IsDrained { get; init; }

    public ReplicationPosition? PositionOf(ServerName server)
    {
        foreach (var one in Positions)
        {
            if (one.Server == server)
                return one.Position;
        }

        return null;
    }
}
