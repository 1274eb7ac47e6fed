namespace Flotilla.Cluster.Core.Commands;

/// <summary>The candidate is writable: the plan is done.</summary>
public sealed record TellPromoted(ulong Plan, ServerName Server) : ClusterCommand;
