namespace Flotilla.Groups.Core;

/// <summary>Leaves a group, in its order: nothing of it is delivered afterwards.</summary>
public sealed record LeaveGroup(uint Group) : GroupCommand;
