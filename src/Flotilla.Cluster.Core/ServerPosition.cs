namespace Flotilla.Cluster.Core;

/// <summary>What a server has.</summary>
public sealed record ServerPosition(ServerName Server, ReplicationPosition Position);
