namespace Flotilla.Cluster.Core;

/// <summary>An acker that is on its way out.</summary>
/// <param name="Since">The decision that said so: its number.</param>
/// <param name="At">What the primary had logged when its account was locked and its connection gone; null before. It may be the only one to have acknowledged what is before.</param>
public sealed record LockedOut(ServerName Server, ulong Since, ReplicationPosition? At);
