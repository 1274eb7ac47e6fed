using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>One group to join.</summary>
public sealed record GroupJoin(string Name, GroupStateKind State = GroupStateKind.None)
{
    /// <summary>Who should give the state, best first. Others are asked after them: by age, the sequencer last.</summary>
    public ImmutableArray<NodeId> Donors { get; init; } = [];
}
