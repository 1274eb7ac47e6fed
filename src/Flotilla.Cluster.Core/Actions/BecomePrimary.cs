using System.Collections.Immutable;

namespace Flotilla.Cluster.Core.Actions;

/// <summary>
/// Still read-only: drops its source, writes the epoch's number into a table by a transaction of its own, for which it does not wait, lets those replicas in and locks out all others, and
/// waits for acknowledgements, or not. With that transaction every epoch takes the next sequence number under its primary's id: numbers that crash recovery took away from
/// somebody's log are not given again, to another transaction, by the same server.
/// </summary>
public sealed record BecomePrimary(ulong Epoch, ImmutableArray<ServerName> Allowed, bool Waits) : ServerAction;
