using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Commands;

/// <summary>A node says which servers it has: new ones are added, known ones get what changed.</summary>
public sealed record DeclareServers(NodeName Node, ImmutableArray<ServerSpec> Servers) : ClusterCommand
{
    /// <summary>Up to which level of the rules its program knows.</summary>
    public int Level { get; init => field = Math.Max(value, 1); } = ClusterState.LevelKnown;
}
