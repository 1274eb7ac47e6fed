using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>Who belongs to the cluster in one epoch. It is the log's entry number <see cref="StartSequence"/>.</summary>
public sealed record ClusterView
{
    public required ClusterId Cluster { get; init; }

    /// <summary>Grows with every view by one; the fencing token.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>By rank: the oldest first.</summary>
    public required ImmutableArray<ClusterMember> Members { get; init; }

    /// <summary>Who appends to the log in this epoch; a voter.</summary>
    public required NodeId Sequencer { get; init; }

    public required ulong StartSequence { get; init; }

    /// <summary>The highest incarnation ever used per node that has been a member: so that none is used twice, whatever a disk says.</summary>
    public ImmutableArray<MemberId> Past { get; init; } = [];

    /// <summary>No member of the view before is in it alive: state comes from disks.</summary>
    public bool IsRecovery { get; init; }

    public int TotalWeight => Members.Sum(member => member.Role == MemberRole.Voter ? member.Weight : 0);

    public ClusterMember? Find(NodeId node)
    {
        foreach (var member in Members)
        {
            if (member.Id.Node == node)
                return member;
        }

        return null;
    }

    public bool Contains(MemberId id) => Find(id.Node) is { } member && member.Id == id;

    /// <summary>Position among the members, 0 for the oldest; -1 when it is none.</summary>
    public int RankOf(NodeId node)
    {
        for (var rank = 0; rank < Members.Length; rank++)
        {
            if (Members[rank].Id.Node == node)
                return rank;
        }

        return -1;
    }
}
