namespace Flotilla.Groups.Core;

/// <summary>Gives a lock back; refused when this node does not hold it under that token.</summary>
public sealed record ReleaseLock(string Name, ulong Token) : GroupCommand;
