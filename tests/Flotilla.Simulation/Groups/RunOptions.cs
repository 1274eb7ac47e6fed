namespace Flotilla.Simulation.Groups;

/// <summary>How to run a seed.</summary>
public sealed record RunOptions
{
    /// <summary>Faults of the plan, by number, that are left out.</summary>
    public IReadOnlySet<int> MaskedFaults { get; init; } = new HashSet<int>();

    /// <summary>Name of a planted bug; only in the build that has them.</summary>
    public string? PlantedBug { get; init; }
}
