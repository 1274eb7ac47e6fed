namespace Flotilla.Simulation.Groups;

/// <summary>What became of a seed.</summary>
public sealed record RunResult
{
    public required ulong Seed { get; init; }

    public required WorldParameters Parameters { get; init; }

    public required IReadOnlyList<PlannedFault> Plan { get; init; }

    /// <summary>Over everything every node did, in order.</summary>
    public required ulong EffectHash { get; init; }

    /// <summary>Things that happened: ticks left out.</summary>
    public required long Events { get; init; }

    public required long VirtualNs { get; init; }

    public required Trace Trace { get; init; }

    public required IReadOnlyList<Violation> Violations { get; init; }

    /// <summary>How often each kind of fault, view change, delivery and outcome came to pass.</summary>
    public required IReadOnlyDictionary<string, long> Fired { get; init; }
}
