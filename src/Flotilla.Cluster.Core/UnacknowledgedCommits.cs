namespace Flotilla.Cluster.Core;

/// <summary>Commits that an epoch's primary ended though nobody had acknowledged them: they were killed while they waited, and they, or others of their group, were answered.</summary>
/// <param name="Counted">What the server had counted when it last told, in this life of its process: <see cref="ServerObservation.UnacknowledgedCommits"/>.</param>
/// <param name="Commits">How many there were in this epoch.</param>
/// <param name="Position">Where the last of them is before; null when an acker is known to have them all, or there were none.</param>
/// <param name="Decision">The number of the line in the history; 0 before the first.</param>
public sealed record UnacknowledgedCommits(long Counted, long Commits, ReplicationPosition? Position, ulong Decision);
