namespace Flotilla.Groups.Core;

/// <summary>Hands out the local copy of a group's dictionary: <see cref="CommandOutcome.Dictionary"/>.</summary>
public sealed record OpenDictionary(uint Group) : GroupCommand;
