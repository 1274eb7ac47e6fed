namespace Flotilla.Cluster.Core;

/// <summary>Up to which level of the rules a node's program knows; see <see cref="ClusterState.Level"/>.</summary>
public sealed record NodeLevel(NodeName Node, int Level);
