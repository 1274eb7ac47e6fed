namespace Flotilla.Cluster.Core.Inputs;

/// <summary>The group's next command.</summary>
public sealed record CommandDelivered(long NowNs, ClusterCommand Command) : AgentInput(NowNs);
