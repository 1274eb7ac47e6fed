using System.Collections.Immutable;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>What an exploration found.</summary>
public sealed record ExploreResult
{
    /// <summary>Different states of all three nodes, their disks and the frames under way.</summary>
    public required long States { get; init; }

    /// <summary>Those in which nothing is under way, to be written or to be noticed.</summary>
    public required long QuietStates { get; init; }

    public required long Transitions { get; init; }

    /// <summary>Different states of single nodes.</summary>
    public required int NodeStates { get; init; }

    /// <summary>Most steps from the beginning.</summary>
    public required int Depth { get; init; }

    /// <summary>The highest epoch that any node installed: view changes happened.</summary>
    public required ulong HighestEpoch { get; init; }

    /// <summary>Nothing within the bounds was left out.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The promise that is broken, and how; null when none is.</summary>
    public string? Violation { get; init; }

    /// <summary>The steps that lead there, after the three nodes have formed their first view.</summary>
    public ImmutableArray<string> Steps { get; init; } = [];
}
