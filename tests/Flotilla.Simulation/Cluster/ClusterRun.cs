namespace Flotilla.Simulation.Cluster;

/// <summary>What became of a seed.</summary>
public sealed record ClusterRun
{
    public required ulong Seed { get; init; }

    public required ClusterParameters Parameters { get; init; }

    public required IReadOnlyList<ClusterFault> Plan { get; init; }

    /// <summary>Over every line, in order.</summary>
    public required ulong Hash { get; init; }

    public required long Events { get; init; }

    public required long VirtualNs { get; init; }

    public required IReadOnlyList<string> Trace { get; init; }

    /// <summary>Promise and what breaks it.</summary>
    public required IReadOnlyList<string> Violations { get; init; }

    /// <summary>How often everything happened.</summary>
    public required IReadOnlyDictionary<string, long> Fired { get; init; }
}
