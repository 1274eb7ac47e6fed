namespace Flotilla.Cluster.Core.Actions;

/// <summary>Takes back what it has and the primary has not. Fails when it has logged anything behind <paramref name="Known"/> meanwhile: that was not saved.</summary>
public sealed record FlashBack(ServerName Primary, ReplicationPosition Known) : ServerAction;
