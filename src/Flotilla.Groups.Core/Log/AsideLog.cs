namespace Flotilla.Groups.Core.Log;

/// <summary>What the disk had of an earlier life: a checkpoint (none when the log begins with its first entry), and the entries after it.</summary>
internal sealed record AsideLog(ulong CheckpointAt, List<byte[]> Checkpoint, List<byte[]> Entries);
