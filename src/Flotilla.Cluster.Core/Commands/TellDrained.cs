namespace Flotilla.Cluster.Core.Commands;

/// <summary>The candidate has applied all it needs.</summary>
public sealed record TellDrained(ulong Plan, ServerName Server) : ClusterCommand;
