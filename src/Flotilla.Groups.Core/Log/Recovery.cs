using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>Reads back what the disk has: identity, promise, accepted and installed views, entries, the last whole checkpoint; and begins from it when a recovered view says so.</summary>
internal sealed class Recovery(LogState state, Views views, Acceptor acceptor, Deliverer deliverer)
{
    private readonly List<byte[]> _pieces = [];
    private List<byte[]> _checkpoint = [];
    private ulong _checkpointAt;
    private ulong _checkpointEpoch;
    private bool _hasCheckpoint;
    private AsideLog? _aside;

    /// <summary>False for a record that these sources did not write.</summary>
    public bool TryReplay(in PersistRecord record)
    {
        var reader = new FrameReader(record.Body);
        switch (record.Kind)
        {
            case PersistRecordKind.Identity:
                return state.Identity.TryReplay(record.Body);
            case PersistRecordKind.Promise:
                acceptor.RestorePromise(reader.Ballot());
                return reader.IsComplete;
            case PersistRecordKind.Accepted:
                var ballot = reader.Ballot();
                if (ViewCodec.Read(ref reader) is not { } accepted || !reader.IsComplete)
                    return false;
                acceptor.RestoreAccepted(ballot, accepted);
                return true;
            case PersistRecordKind.Installed:
                var isBase = reader.U8() == 1;
                if (ViewCodec.Read(ref reader) is not { } installed || !reader.IsComplete)
                    return false;
                Install(installed, isBase);
                return true;
            case PersistRecordKind.Entry:
                return TryReplayEntries(record.Body);
            case PersistRecordKind.Truncate:
                return TryTruncate(record.Sequence, record.Body);
            case PersistRecordKind.Checkpoint:
                return TryReplayPiece(record.Sequence, record.Body);
            case PersistRecordKind.Prune:
                return true;
            default:
                return false;
        }
    }

    /// <summary>Everything is read back.</summary>
    public void Finish()
    {
        var log = state.Log;
        if (_hasCheckpoint && _checkpointAt > log.Head)
            log.Reset(_checkpointAt, _checkpointEpoch);
        else if (_hasCheckpoint && log is { BaseEpoch: 0, BaseSequence: > 0 } && _checkpointAt >= log.BaseSequence)
            KnowBase(log);
        state.CanRecover = HasState;
        state.Disk.StartAt(log.Head);
        _pieces.Clear();
    }

    /// <summary>The disk has a state, and the log since.</summary>
    private bool HasState
        => state.Context.Options.LogOnDisk && (_hasCheckpoint ? _checkpointAt >= state.Log.BaseSequence : state.Log is { BaseSequence: 0, Head: > 0 });

    // What was pruned took the epoch of the last entry before the log with it: the log begins one entry later. What comes before the checkpoint is kept, others may lack it.
    private void KnowBase(EntryLog log)
    {
        if (_checkpointAt == log.BaseSequence)
            log.KnowBase(_checkpointEpoch);
        else
            log.PruneTo(log.BaseSequence + 1);
    }

    /// <summary>A view of nodes whose earlier lives were the last one's members: the state comes from this disk.</summary>
    public void Begin(DecidedView decided)
    {
        if (!state.CanRecover || (_hasCheckpoint ? _checkpointAt : 0) < state.Log.BaseSequence)
        {
            TellAside();
            deliverer.BeginWithoutState(decided);
            return;
        }

        deliverer.BeginReplay(_hasCheckpoint ? _checkpointAt : 0, decided.Cut);
        for (var i = 0; _hasCheckpoint && i < _checkpoint.Count; i++)
            state.Consumer.OnRecoveredState(_checkpointAt, _checkpoint[i], i == _checkpoint.Count - 1);
    }

    /// <summary>The log begins anew elsewhere. What it has may be the only copy of a state: it is kept until this node is a member.</summary>
    public void SetAside()
    {
        if (!HasState)
            return;
        var log = state.Log;
        List<byte[]> entries = [];
        for (var sequence = (_hasCheckpoint ? _checkpointAt : 0) + 1; sequence <= log.Head; sequence++)
            entries.Add(log.Entry(sequence).ToArray());
        _aside = new AsideLog(_hasCheckpoint ? _checkpointAt : 0, _hasCheckpoint ? _checkpoint : [], entries);
    }

    /// <summary>A newcomer: what an earlier life left behind is for the consumer to judge.</summary>
    public void TellAside()
    {
        if (_aside is not { } aside)
            return;
        _aside = null;
        for (var i = 0; i < aside.Checkpoint.Count; i++)
            state.Consumer.OnRecoveredState(aside.CheckpointAt, aside.Checkpoint[i], i == aside.Checkpoint.Count - 1);
        ClusterView? before = null;
        foreach (var entry in aside.Entries)
        {
            var header = EntryCodec.Header(entry);
            if (header.Kind == LogEntryKind.View)
            {
                var reader = new FrameReader(EntryCodec.Body(entry));
                var view = ViewCodec.Read(ref reader)!.View;
                state.Consumer.OnView(view, before);
                before = view;
                continue;
            }

            state.Consumer.OnMessage(new LogEntry
            {
                Epoch = header.Epoch, Sequence = header.Sequence, Kind = header.Kind, Delivery = header.Delivery, Sender = header.Sender, Number = header.Number,
                Body = EntryCodec.Body(entry), IsReplay = true,
            });
        }

        state.Consumer.OnSetAside();
    }

    /// <summary>The state of an earlier life is of no use any more.</summary>
    public void Forget()
    {
        _checkpoint = [];
        _hasCheckpoint = false;
        _aside = null;
    }

    private void Install(DecidedView installed, bool isBase)
    {
        if (installed.Epoch <= state.Epoch)
            return;
        if (isBase)
            SetAside();
        if (isBase || !state.Context.Options.LogOnDisk)
            state.Log.Reset(installed.View.StartSequence, installed.Epoch);
        views.Restore(installed);
    }

    private bool TryReplayEntries(ReadOnlySpan<byte> entries)
    {
        var log = state.Log;
        while (!entries.IsEmpty)
        {
            if (!EntryCodec.TryRead(entries, out var header))
                return false;
            if (header.Sequence > log.Head + 1)
                log.Reset(header.Sequence - 1, 0);
            if (header.Sequence > log.BaseSequence)
            {
                if (log.Has(header.Sequence) && log.EpochAt(header.Sequence) != header.Epoch)
                    log.TruncateTo(header.Sequence - 1);
                if (header.Sequence == log.Head + 1 && header.Epoch >= log.HeadEpoch)
                    log.Append(entries[..header.TotalBytes]);
            }

            if (header.Kind == LogEntryKind.View)
            {
                var reader = new FrameReader(EntryCodec.Body(entries)[..header.BodyLength]);
                if (ViewCodec.Read(ref reader) is not { } view)
                    return false;
                views.Restore(view);
            }

            entries = entries[header.TotalBytes..];
        }

        return true;
    }

    private bool TryTruncate(ulong sequence, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            state.Log.TruncateTo(Math.Max(sequence, state.Log.BaseSequence));
            return true;
        }

        var reader = new FrameReader(body);
        var (kind, epoch) = (reader.U8(), reader.U64());
        if (!reader.IsComplete || kind != 1)
            return false;
        SetAside();
        state.Log.Reset(sequence, epoch);
        return true;
    }

    private bool TryReplayPiece(ulong sequence, ReadOnlySpan<byte> body)
    {
        var reader = new FrameReader(body);
        var (isLast, index, epoch) = (reader.U8(), reader.U32(), reader.U64());
        if (!reader.IsGood || isLast > 1)
            return false;
        if (index == 0)
            _pieces.Clear();
        if (index != _pieces.Count)
            return true;
        _pieces.Add(reader.Rest.ToArray());
        if (isLast == 1)
        {
            (_checkpoint, _checkpointAt, _checkpointEpoch, _hasCheckpoint) = ([.. _pieces], sequence, epoch, true);
            _pieces.Clear();
        }

        return true;
    }
}
