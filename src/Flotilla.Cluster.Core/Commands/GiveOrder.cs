namespace Flotilla.Cluster.Core.Commands;

/// <summary>What a person wants of the coordinator.</summary>
public sealed record GiveOrder(Order Order) : ClusterCommand;
