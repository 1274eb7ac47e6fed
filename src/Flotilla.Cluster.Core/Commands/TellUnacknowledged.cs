namespace Flotilla.Cluster.Core.Commands;

/// <summary>The primary ended commits that nobody had acknowledged: so many in the life of its process, all before <paramref name="Position"/>. Of level 2.</summary>
public sealed record TellUnacknowledged(ulong Epoch, long Counted, ReplicationPosition Position) : ClusterCommand;
