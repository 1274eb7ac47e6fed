namespace Flotilla.Simulation.Groups;

/// <summary>How to run a seed.</summary>
public sealed record RunOptions
{
    /// <summary>Faults of the plan, by number, that are left out.</summary>
    public IReadOnlySet<int> MaskedFaults { get; init; } = new HashSet<int>();

    /// <summary>Whether the run's trace is kept and held against the promises; without, the run is told by its hash alone.</summary>
    public bool IsJudged { get; init; } = true;

    /// <summary>Name of a planted bug; only in the build that has them.</summary>
    public string? PlantedBug { get; init; }
}
