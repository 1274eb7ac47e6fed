namespace Flotilla.Groups.Core.Links;

/// <summary>What the log sees of the paths between nodes and of who is suspected.</summary>
internal interface ILinks
{
    /// <summary>Whether frames may reach a node now, directly or by a relay.</summary>
    bool IsReachable(NodeId node);

    /// <summary>The directly connected node to hand a frame for <paramref name="to"/> to; none when unreachable.</summary>
    NodeId NextHop(NodeId to);

    /// <summary>That life of a node is over for certain: its lease need not be waited for.</summary>
    bool IsConfirmedGone(MemberId member);

    /// <summary>When something of a node was last heard here (directly or relayed), on this node's clock; <see cref="long.MinValue"/> for never.</summary>
    long LastHeardNs(NodeId node);

    /// <summary>Whether this node takes a member for gone, or can't reach it and nobody it hears can. What <c>Probe</c> is answered with.</summary>
    bool IsSuspected(MemberId member);

    /// <summary>The members that ought to stay, when the picture is stable and somebody ought to go; null when nobody has to. Recomputed each tick.</summary>
    StayingMembers? Verdict { get; }

    /// <summary>This node was paused or hears everything late: it should not accuse others, nor propose.</summary>
    bool IsInDoubtOfItself { get; }

    /// <summary>Nodes that are heard, but are in no view here: candidates for genesis, recovery, joining.</summary>
    IReadOnlyCollection<NodeId> Known { get; }
}
