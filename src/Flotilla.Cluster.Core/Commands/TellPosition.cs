namespace Flotilla.Cluster.Core.Commands;

/// <summary>What a server has, its receiver stopped.</summary>
public sealed record TellPosition(ulong Plan, ServerName Server, ReplicationPosition Position) : ClusterCommand;
