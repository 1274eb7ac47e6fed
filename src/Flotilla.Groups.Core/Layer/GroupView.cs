using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>Who belongs to one group, from one position of the log on.</summary>
public sealed record GroupView
{
    public required string Group { get; init; }

    /// <summary>The cluster's epoch: the fencing token.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>Counts this group's views, from 1.</summary>
    public required ulong Number { get; init; }

    /// <summary>Position in the log where it takes effect.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>By rank: the oldest member of the group first.</summary>
    public required ImmutableArray<ClusterMember> Members { get; init; }

    public required ImmutableArray<MemberId> Joined { get; init; }

    public required ImmutableArray<MemberId> Left { get; init; }
}
