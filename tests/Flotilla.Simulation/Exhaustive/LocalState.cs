using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>A state that one node can be in, and one way to it: the input after another state.</summary>
internal sealed record LocalState(int Number, int Node, int Parent, LocalInput Input)
{
    public required bool IsRunning { get; init; }

    public required int Unwritten { get; init; }

    public required MemberId Self { get; init; }

    public required ImmutableArray<Life> Lives { get; init; }

    /// <summary>The number of what its application saw: equal for states that differ in other things only.</summary>
    public required int Seen { get; init; }
}
