namespace Flotilla.Groups.Core;

/// <summary>The application has worked off what waited for it: the end of <see cref="FellBehind"/>.</summary>
public sealed record CaughtUp(uint Group) : GroupCommand;
