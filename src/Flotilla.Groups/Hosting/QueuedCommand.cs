using Flotilla.Groups.Core;

namespace Flotilla.Groups.Hosting;

/// <summary>A command, or (without one) a message whose body lies in the batch's buffer.</summary>
internal readonly record struct QueuedCommand(uint Group, Delivery Delivery, ulong Token, GroupCommand? Command, int Offset, int Length);
