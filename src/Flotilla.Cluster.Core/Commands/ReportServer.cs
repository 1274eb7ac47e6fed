namespace Flotilla.Cluster.Core.Commands;

/// <summary>A node says how one of its servers is.</summary>
public sealed record ReportServer(NodeName Node, ServerName Server, ServerReport Report) : ClusterCommand;
