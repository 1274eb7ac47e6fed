namespace Flotilla.Cluster.Core.Actions;

/// <summary>All that was received is applied: replicates from that server by GTID, acknowledging.</summary>
public sealed record Follow(ServerName Source) : ServerAction;
