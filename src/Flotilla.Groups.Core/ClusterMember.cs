namespace Flotilla.Groups.Core;

/// <summary>A member of a view. <paramref name="Address"/> is opaque to the core: the runtime connects to it.</summary>
public sealed record ClusterMember(MemberId Id, string Name, string Address, MemberRole Role, int Weight)
{
    /// <summary>Never a voter, whatever else: an observer, such as a component inside the database server.</summary>
    public bool NeverVotes { get; init; }
}
