namespace Flotilla.Cluster.Core.Commands;

/// <summary>See <see cref="ClusterPolicy"/>.</summary>
public sealed record SetPolicy(ClusterPolicy Policy) : ClusterCommand;
