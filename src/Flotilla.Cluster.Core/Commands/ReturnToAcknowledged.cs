namespace Flotilla.Cluster.Core.Commands;

/// <summary>Commits shall wait again.</summary>
public sealed record ReturnToAcknowledged(ulong Epoch) : ClusterCommand;
