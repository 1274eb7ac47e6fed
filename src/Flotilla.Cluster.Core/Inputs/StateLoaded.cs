namespace Flotilla.Cluster.Core.Inputs;

/// <summary>The state as a donor or a checkpoint has it; before the first command, and after this node was left out.</summary>
public sealed record StateLoaded(long NowNs, ClusterState State) : AgentInput(NowNs);
