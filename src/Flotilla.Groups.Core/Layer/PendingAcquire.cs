namespace Flotilla.Groups.Core.Layer;

/// <summary>A request for a lock that has not ended.</summary>
internal readonly record struct PendingAcquire(ulong Id, ulong Token, string Name, long DeadlineNs, bool IsTry);
