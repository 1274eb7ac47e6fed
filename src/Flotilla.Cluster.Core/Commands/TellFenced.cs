namespace Flotilla.Cluster.Core.Commands;

/// <summary>The old primary acknowledges nothing any more.
/// <paramref name="Position"/> is what it has logged, where its node could ask.</summary>
public sealed record TellFenced(ulong Plan, ServerName Server, Fence Fence, ReplicationPosition? Position) : ClusterCommand;
