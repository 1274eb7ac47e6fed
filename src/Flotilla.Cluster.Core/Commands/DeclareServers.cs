using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Commands;

/// <summary>A node says which servers it has: new ones are added, known ones get what changed.</summary>
public sealed record DeclareServers(NodeName Node, ImmutableArray<ServerSpec> Servers) : ClusterCommand;
