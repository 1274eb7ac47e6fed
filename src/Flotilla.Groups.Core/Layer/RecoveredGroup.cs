namespace Flotilla.Groups.Core.Layer;

/// <summary>What this node's disk has of a persistent group's state: a checkpoint (none if it began here), and the messages after it.</summary>
internal sealed class RecoveredGroup(SharedGroup group, bool hasCheckpoint)
{
    private readonly (ulong Sequence, ulong Epoch) _last = (group.LastSequence, group.LastEpoch);

    public string Name { get; } = group.Name;

    public ulong Lineage { get; } = group.Lineage;

    public bool HasCheckpoint { get; } = hasCheckpoint;

    public List<byte[]> Pieces { get; } = [];

    public bool IsWhole { get; set; } = !hasCheckpoint;

    public List<RecoveredMessage> Messages { get; } = [];

    /// <summary>Position to which nothing is missing; 0 while more may follow.</summary>
    public ulong To { get; set; }

    /// <summary>It is of a log that the cluster may not have gone on with.</summary>
    public bool IsAside { get; set; }

    public IEnumerable<RecoveredMessage> MessagesOf(SharedGroup shared) => Messages.Where(message => message.Sequence <= shared.LastSequence);

    /// <summary>
    /// Whether this is the group's state, once what follows its last message is left out. Set aside, it must have that very message: an entry with the same position and epoch is the same
    /// entry, and so are all before it.
    /// </summary>
    public bool IsStateOf(SharedGroup shared)
    {
        if (!IsWhole || To == 0 || shared.Lineage != Lineage)
            return false;
        if (!IsAside)
            return To >= shared.LastSequence;
        return shared.LastEpoch != 0 && (_last == (shared.LastSequence, shared.LastEpoch)
            || Messages.Exists(message => message.Sequence == shared.LastSequence && message.Epoch == shared.LastEpoch));
    }
}
