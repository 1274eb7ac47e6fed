namespace Flotilla.Groups.Core;

/// <summary>
/// Goes on with this node alone, whatever became of the others: for when a majority of the last view is lost for ever. What only they had is lost, and if they
/// still live there are two clusters. Their data directories must be wiped before they join again.
/// </summary>
public sealed record ForceBootstrap : GroupCommand;
