namespace Flotilla.Cluster.Core.Commands;

/// <summary>See <see cref="ClusterState.IsPaused"/>.</summary>
public sealed record SetPause(bool IsOn) : ClusterCommand;
