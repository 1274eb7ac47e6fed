namespace Flotilla.Cluster.Core;

/// <summary>A server that a person took out, and the node that had it.</summary>
public sealed record RemovedServer(ServerName Server, NodeName Node);
