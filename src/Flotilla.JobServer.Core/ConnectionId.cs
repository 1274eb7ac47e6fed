namespace Flotilla.JobServer.Core;

/// <summary>A connection's slot, given by the runtime: small and dense, free for another connection after its end was reported.</summary>
public readonly record struct ConnectionId(int Slot);
