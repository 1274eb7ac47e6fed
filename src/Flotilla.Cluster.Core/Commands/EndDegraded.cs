namespace Flotilla.Cluster.Core.Commands;

/// <summary>An acker has it: the epoch is not degraded any more.</summary>
public sealed record EndDegraded(ulong Epoch, ServerName Server) : ClusterCommand;
