namespace Flotilla.Cluster.Core.Commands;

/// <summary>A person wants it back, or to stay: its node may declare it again.</summary>
public sealed record AdmitServer(ServerName Server) : ClusterCommand;
