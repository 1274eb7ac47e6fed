namespace Flotilla.Cluster.Core.Inputs;

/// <summary>Time passes; every 50 ms or so.</summary>
public sealed record Ticked(long NowNs) : AgentInput(NowNs);
