namespace Flotilla.Cluster.Core.Inputs;

/// <summary>A look is over.</summary>
public sealed record ServerSeen(long NowNs, ServerName Server, ServerObservation Seen) : AgentInput(NowNs);
