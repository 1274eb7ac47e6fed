namespace Flotilla.Cluster.Core;

/// <summary>What the coordinator does next, or nothing, and why.</summary>
public sealed record CoordinatorStep(string Reason, ClusterCommand? Command = null);
