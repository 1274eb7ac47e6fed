using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>
/// The shared state on disk, so that the log before it may go. Record of a piece: u8 1 for the last, u32 index, u64 epoch of the entry it was taken at, bytes.
/// </summary>
internal sealed class Checkpoints(LogState state, Deliverer deliverer)
{
    private ulong _at;
    private uint _index;
    private int _life;
    private bool _isDue;
    private ulong _lastAt;
    private long _loggedBytes;
    private ulong _countedTo;

    /// <summary>Another life begins: what is under way counts no more.</summary>
    public void Forget(ulong from)
    {
        _life++;
        (_isDue, _lastAt, _countedTo, _loggedBytes, _index, _at) = (false, from, from, 0, 0, 0);
    }

    public void OnTick()
    {
        if (!state.Context.Options.LogOnDisk || !state.IsMember || !state.HasState || _isDue || state.Disk.HasFailed || state.Log.Head < deliverer.DeliveredTo)
            return;
        if (_countedTo < deliverer.DeliveredTo)
        {
            _loggedBytes += state.Log.BytesBetween(_countedTo, deliverer.DeliveredTo);
            _countedTo = deliverer.DeliveredTo;
        }

        if (state.CanRecover && _loggedBytes < state.Context.Options.CheckpointEveryBytes)
            return;
        _isDue = true;
        _loggedBytes = 0;
        state.Consumer.OnCheckpointDue();
    }

    public void Persist(ulong sequence, ReadOnlySpan<byte> piece, bool isLast)
    {
        Invariant.Require(sequence <= deliverer.DeliveredTo);
        if (!state.Context.Options.LogOnDisk || sequence < _lastAt)
            return;
        if (_at != sequence)
            (_at, _index) = (sequence, 0);
        var log = state.Log;
        var epoch = sequence >= log.BaseSequence && sequence <= log.Head ? log.EpochAt(sequence) : state.Epoch;
        state.Disk.WriteEntries();
        var body = state.Disk.Body().U8(isLast ? (byte)1 : (byte)0).U32(_index++).U64(epoch).Bytes(piece);
        if (!isLast)
        {
            state.Disk.Write(PersistRecordKind.Checkpoint, sequence, body.Body);
            return;
        }

        var life = _life;
        state.Disk.Write(PersistRecordKind.Checkpoint, sequence, body.Body, () =>
        {
            if (life != _life)
                return;
            (_isDue, _lastAt) = (false, sequence);
            state.CanRecover = true;
            state.Disk.Write(PersistRecordKind.Prune, sequence, []);
        });
        _at = 0;
    }
}
