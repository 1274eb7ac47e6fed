namespace Flotilla.Cluster.Core.Inputs;

/// <summary>What a server's guard says: at first, after each deadline it took, when the process begins and ends.</summary>
public sealed record GuardTold(long NowNs, ServerName Server, GuardStatus Status) : AgentInput(NowNs);
