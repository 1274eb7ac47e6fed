using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>
/// Joins groups, all at one position of the log or none. Completes with a <see cref="CommandResult.Partial"/> per group at once (its number on this
/// node), and with <see cref="CommandResult.Done"/> when this member has the state of all of them. Joins again by itself after an eviction.
/// </summary>
public sealed record JoinGroup(ImmutableArray<GroupJoin> Groups) : GroupCommand
{
    public JoinGroup(string name, GroupStateKind state = GroupStateKind.None)
        : this([new GroupJoin(name, state)])
    {
    }
}
