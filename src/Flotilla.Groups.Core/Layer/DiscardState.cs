namespace Flotilla.Groups.Core;

/// <summary>
/// Gives up the state of a persistent group that only nodes have which will not come back: the oldest member that waits for it begins anew.
/// For a person to decide, never for a program.
/// </summary>
public sealed record DiscardState(uint Group) : GroupCommand;
