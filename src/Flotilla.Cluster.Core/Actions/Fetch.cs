namespace Flotilla.Cluster.Core.Actions;

/// <summary>All that was received is applied: replicates from that server until it has that much.</summary>
public sealed record Fetch(ServerName Source, ReplicationPosition Until) : ServerAction;
