using System.Collections.Immutable;

namespace Flotilla.Cluster.Core;

/// <summary>The nodes that are in the group, oldest first: the first one coordinates.</summary>
public sealed record NodeView(ImmutableArray<NodeName> Members)
{
    /// <summary>No view: this node is cut off, or alone.</summary>
    public static NodeView None { get; } = new([]);

    public NodeName? Coordinator => Members.IsEmpty ? null : Members[0];

    public bool Has(NodeName node) => Members.Contains(node);
}
