namespace Flotilla.Groups.Core;

/// <summary>
/// Answers <see cref="INodeEffects.TieBreakNeeded"/>: whether the half that this node belongs to may go on with the view of an epoch, because a witness granted it or
/// the others were fenced. Nobody else may ever be granted the same epoch.
/// </summary>
public sealed record DecideTie(ulong Epoch, bool IsGranted) : GroupCommand;
