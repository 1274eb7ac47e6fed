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
    private long _loggedAt;
    private long _askedNs;

    /// <summary>Another life begins: what is under way counts no more.</summary>
    public void Forget(ulong from)
    {
        _life++;
        (_isDue, _lastAt, _loggedAt) = (false, from, state.Log.AppendedBytes);
    }

    /// <summary>Asks for one when it is time; again when the last one was never ended.</summary>
    public void OnTick()
    {
        var nowNs = state.Context.NowNs;
        if (!state.Context.Options.LogOnDisk || !state.IsMember || !state.HasState || state.Disk.HasFailed || state.Log.Head < deliverer.DeliveredTo)
            return;
        if (_isDue ? nowNs - _askedNs < 50 * state.Context.Options.SuspectNs
            : state.CanRecover && state.Log.AppendedBytes - _loggedAt < state.Context.Options.CheckpointEveryBytes)
        {
            return;
        }

        (_isDue, _askedNs, _loggedAt) = (true, nowNs, state.Log.AppendedBytes);
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
            state.Disk.Write(PersistRecordKind.Prune, Math.Min(sequence, NeededAfter()), []);
        });
        _at = 0;
    }

    /// <summary>
    /// A member may still lack what comes after, and this node be the only one that has it: a later life must be able to give it away. One entry more, which tells the epoch of
    /// what was before.
    /// </summary>
    private ulong NeededAfter() => Math.Max(state.StableTo, 1) - 1;
}
