namespace Flotilla.Cluster.Core.Commands;

/// <summary>It need not be asked any more: another one has what it may have acknowledged.</summary>
public sealed record TakeAwayAcker(ulong Epoch, ServerName Server) : ClusterCommand;
