using Flotilla.Groups.Core;

namespace Flotilla.Groups.Storage;

/// <summary>What a segment holds that may still be needed.</summary>
internal sealed class SegmentUse(uint number)
{
    private ulong _lastEntry;
    private ulong _lastCheckpoint;

    public uint Number { get; } = number;

    public void Note(in PersistRecord record, bool isCarried)
    {
        if (isCarried)
            return;
        if (record.Kind is PersistRecordKind.Entry or PersistRecordKind.Truncate)
            _lastEntry = Math.Max(_lastEntry, record.Sequence);
        else if (record.Kind == PersistRecordKind.Checkpoint)
            _lastCheckpoint = Math.Max(_lastCheckpoint, record.Sequence);
    }

    /// <summary>Whether all it holds is covered by checkpoints as of that sequence number (or later ones). What is not an entry or a checkpoint was carried on.</summary>
    public bool IsCoveredBy(ulong pruned) => _lastEntry <= pruned && _lastCheckpoint < pruned;
}
