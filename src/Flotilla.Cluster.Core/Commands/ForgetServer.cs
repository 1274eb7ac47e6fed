namespace Flotilla.Cluster.Core.Commands;

/// <summary>Nobody counts on it any more: it is gone.</summary>
public sealed record ForgetServer(ServerName Server) : ClusterCommand;
