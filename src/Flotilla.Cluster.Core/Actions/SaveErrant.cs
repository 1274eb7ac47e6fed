namespace Flotilla.Cluster.Core.Actions;

/// <summary>Writes to a file what it has and the primary has not.</summary>
public sealed record SaveErrant(ServerName Primary) : ServerAction;
