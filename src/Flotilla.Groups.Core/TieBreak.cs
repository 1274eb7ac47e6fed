using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>
/// Voters with exactly half of the votes are here, and these members are silent. Whoever answers says yes to one half of an epoch only, for ever: halves are the
/// same when they are of the same nodes, whatever incarnations these have.
/// </summary>
public sealed record TieBreak(ClusterId Cluster, ulong Epoch, ImmutableArray<MemberId> Here, ImmutableArray<MemberId> Silent);
