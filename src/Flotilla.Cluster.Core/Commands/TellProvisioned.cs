namespace Flotilla.Cluster.Core.Commands;

/// <summary>It was.</summary>
public sealed record TellProvisioned(ServerName Server) : ClusterCommand;
