namespace Flotilla.Cluster.Core.Commands;

/// <summary>See <see cref="ServerState.IsInMaintenance"/>.</summary>
public sealed record SetMaintenance(ServerName Server, bool IsOn) : ClusterCommand;
