using System.Collections.Immutable;

namespace Flotilla.Simulation.Groups;

/// <summary>What the hosts and links of a simulated world are like. Each seed draws its own.</summary>
public abstract record NodeParameters
{
    public required ulong Seed { get; init; }

    public required int Nodes { get; init; }

    /// <summary>Of them these are there from the beginning and found the cluster.</summary>
    public required int Founders { get; init; }

    public required bool IsStream { get; init; }

    public required long TickNs { get; init; }

    public required long HeartbeatNs { get; init; }

    public required long SuspectNs { get; init; }

    public required long LeaseNs { get; init; }

    public required int MaxVoters { get; init; }

    /// <summary>Weights of the nodes' votes.</summary>
    public required ImmutableArray<int> Weights { get; init; }

    public required long MinDelayNs { get; init; }

    public required long MeanDelayNs { get; init; }

    public required int LossPpm { get; init; }

    public required int DuplicatePpm { get; init; }

    public required int ReorderPpm { get; init; }

    /// <summary>A connection bears a broken path for so long.</summary>
    public required long PathTimeoutNs { get; init; }

    public required long WriteNs { get; init; }

    public required long FlushNs { get; init; }

    /// <summary>Records nobody waits for are flushed after so long.</summary>
    public required long LazyFlushNs { get; init; }

    /// <summary>Between two actions of one node's application.</summary>
    public required long WorkNs { get; init; }

    public required int ClockPpm { get; init; }
}
