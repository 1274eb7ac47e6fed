namespace Flotilla.Cluster.Core.Commands;

/// <summary>The primary has locked its account, and its connection is gone.</summary>
public sealed record TellLockedOut(ulong Epoch, ServerName Server, ulong Since, ReplicationPosition Position) : ClusterCommand;
