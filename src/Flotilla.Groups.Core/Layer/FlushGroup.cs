namespace Flotilla.Groups.Core;

/// <summary>Ends when at least so many of the group's members have everything this node sent to it before; 0 for all of them.</summary>
public sealed record FlushGroup(uint Group, int Members = 0) : GroupCommand;
