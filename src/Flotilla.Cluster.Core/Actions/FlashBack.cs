namespace Flotilla.Cluster.Core.Actions;

/// <summary>Takes back what it has and the primary has not.</summary>
public sealed record FlashBack(ServerName Primary) : ServerAction;
