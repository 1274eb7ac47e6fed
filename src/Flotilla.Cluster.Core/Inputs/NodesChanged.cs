namespace Flotilla.Cluster.Core.Inputs;

/// <summary>Other nodes are in the group; <see cref="NodeView.None"/> as soon as this node may not act any more.</summary>
public sealed record NodesChanged(long NowNs, NodeView View) : AgentInput(NowNs);
