namespace Flotilla.Cluster.Core.Commands;

/// <summary>Commits wait again; all before <paramref name="Position"/> may be on the primary only.</summary>
public sealed record TellWaiting(ulong Epoch, ulong Since, ReplicationPosition Position) : ClusterCommand;
