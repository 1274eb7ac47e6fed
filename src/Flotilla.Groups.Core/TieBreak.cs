using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>Exactly half of the votes are here, and the rest is silent. Whoever answers must never say yes to both sides of one epoch.</summary>
public sealed record TieBreak(ClusterId Cluster, ulong Epoch, ImmutableArray<MemberId> Here, ImmutableArray<MemberId> Silent);
