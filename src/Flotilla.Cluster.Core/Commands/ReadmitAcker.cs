namespace Flotilla.Cluster.Core.Commands;

/// <summary>It shall, after all.</summary>
public sealed record ReadmitAcker(ulong Epoch, ServerName Server) : ClusterCommand;
