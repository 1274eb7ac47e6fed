namespace Flotilla.Cluster.Core.Commands;

/// <summary>It is to be filled anew.</summary>
public sealed record ProvisionServer(ServerName Server, string Why) : ClusterCommand;
