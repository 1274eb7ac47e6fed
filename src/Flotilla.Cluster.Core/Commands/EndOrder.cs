namespace Flotilla.Cluster.Core.Commands;

/// <summary>An order was done, or is refused.</summary>
public sealed record EndOrder(ulong Number, string Why) : ClusterCommand;
