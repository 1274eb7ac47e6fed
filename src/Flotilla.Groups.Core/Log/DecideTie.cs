using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>
/// Answers <see cref="INodeEffects.TieBreakNeeded"/>: whether the half that was asked for may go on with the view of an epoch, because a witness granted it or
/// the others were fenced. <see cref="Here"/> is that of the question; no other half may ever be granted the same epoch.
/// </summary>
public sealed record DecideTie(ulong Epoch, ImmutableArray<MemberId> Here, bool IsGranted) : GroupCommand;
