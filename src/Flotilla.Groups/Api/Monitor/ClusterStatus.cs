using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>How a cluster looks from one of its nodes, at one moment.</summary>
public sealed record ClusterStatus
{
    /// <summary>The node that was asked.</summary>
    public required string Node { get; init; }

    public required MemberId Id { get; init; }

    public ClusterId Cluster { get; init; }

    /// <summary>Whether it may act for its view now.</summary>
    public bool IsPrimary { get; init; }

    /// <summary>Of the last view installed there; 0 before the first.</summary>
    public ulong Epoch { get; init; }

    public NodeId Sequencer { get; init; }

    /// <summary>By rank, the oldest first; empty before the first view.</summary>
    public ImmutableArray<ClusterMember> Members { get; init; } = [];

    /// <summary>Whether the node itself is in its view.</summary>
    public bool IsMember => Members.Any(member => member.Id == Id);
}
