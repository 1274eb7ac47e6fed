namespace Flotilla.Groups.Core.Layer;

/// <summary>What this node's disk has of a persistent group's state: a checkpoint (none if it began here), and the messages after it.</summary>
internal sealed class RecoveredGroup(string name, ulong lineage, bool hasCheckpoint)
{
    public string Name { get; } = name;

    public ulong Lineage { get; } = lineage;

    public bool HasCheckpoint { get; } = hasCheckpoint;

    public List<byte[]> Pieces { get; } = [];

    public bool IsWhole { get; set; } = !hasCheckpoint;

    public List<RecoveredMessage> Messages { get; } = [];

    /// <summary>Position to which nothing is missing; 0 while more may follow.</summary>
    public ulong To { get; set; }
}
