namespace Flotilla.Groups;

/// <summary>What a program does with what a group delivers. Fixed once the group is joined.</summary>
internal sealed class GroupHandlers
{
    public Dictionary<MessageType, MessageHandler> Messages { get; } = [];

    public Dictionary<MessageType, QueryHandler> Queries { get; } = [];

    public List<Func<Core.GroupView, Task>> Views { get; } = [];

    public Func<CheckpointWriter, Task>? Make { get; set; }

    public Func<CheckpointReader, Task>? Load { get; set; }

    public Func<Task>? Reset { get; set; }

    public bool IsPersistent { get; set; }
}
