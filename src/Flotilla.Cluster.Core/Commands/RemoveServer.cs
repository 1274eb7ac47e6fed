namespace Flotilla.Cluster.Core.Commands;

/// <summary>A person wants it gone.</summary>
public sealed record RemoveServer(ServerName Server) : ClusterCommand;
