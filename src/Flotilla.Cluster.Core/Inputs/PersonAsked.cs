namespace Flotilla.Cluster.Core.Inputs;

/// <summary>Something a person wants the group to know or do.</summary>
public sealed record PersonAsked(long NowNs, ClusterCommand Command) : AgentInput(NowNs);
