using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>Of every other member: takes what the sequencer streams, in its order, and tells what it has.</summary>
internal sealed class Follower(LogState state, Deliverer deliverer, LeaseKeeper lease)
{
    private const long None = long.MinValue;

    private long _beatNs = None;
    private long _ackedNs = None;
    private long _wantedNs = None;
    private ulong _wantedFrom;
    private ulong _ackedReceived;
    private ulong _ackedWritten;
    private ulong _ackedFlushed;
    private bool _wants;

    /// <summary>When the sequencer was last heard in this epoch.</summary>
    public long HeardNs { get; private set; }

    private NodeId SequencerNode => state.Current!.View.Sequencer;

    /// <summary>Promised: takes and acknowledges nothing more of this epoch.</summary>
    private bool IsBound => state.IsSealed && !Planted.Is(PlantedBug.AcceptOldEpochAfterPromise);

    private bool IsFollowing => state.IsMember && !state.IsSequencer;

    /// <summary>As much as the sequencer may have at most: the own disk does not keep up, and memory is no place to wait for it.</summary>
    private bool IsFull => state.HasState && state.Log.Bytes > 2 * state.Context.Options.MaxLagBytes;

    public void Begin()
    {
        _beatNs = _ackedNs = _wantedNs = None;
        (_ackedReceived, _ackedWritten, _ackedFlushed, _wants) = (0, 0, 0, false);
        HeardNs = state.Context.NowNs;
    }

    public void OnAppend(NodeId from, in AppendFrame frame)
    {
        if (!IsFollowing || frame.Epoch != state.Epoch || from != SequencerNode || IsBound)
            return;
        HeardNs = state.Context.NowNs;
        if (frame.BeatNs > _beatNs)
        {
            _beatNs = frame.BeatNs;
            lease.OnBeat();
        }

        if (frame.LeaseEchoNs != None && frame.LeaseEchoNs <= state.Context.NowNs)
            lease.OnConfirmed(frame.LeaseEchoNs);
        Take(frame);
        state.SafeTo = Math.Max(state.SafeTo, Math.Min(frame.SafeTo, state.Log.Head));
        state.DurableTo = Math.Max(state.DurableTo, Math.Min(frame.DurableTo, state.Log.Head));
        state.StableTo = Math.Max(state.StableTo, Math.Min(frame.StableTo, state.Log.Head));
        deliverer.Advance();
    }

    /// <summary>Submits again from a number on.</summary>
    public void OnSubmitAsk(NodeId from, in SubmitAskFrame frame)
    {
        if (IsFollowing && frame.Epoch == state.Epoch && from == SequencerNode && frame.Incarnation == state.Self.Incarnation && !state.IsSealed)
            state.Submissions.RepeatFrom(frame.Number);
    }

    public void OnTick()
    {
        if (IsFollowing && !state.IsSealed)
            state.Submissions.RepeatAfter(4 * state.Context.Options.HeartbeatNs);
    }

    /// <summary>Sends what waits: submits, and what this member has when that is news.</summary>
    public void Flush()
    {
        if (!IsFollowing)
            return;
        if (!state.IsSealed && !state.Disk.HasFailed)
            state.Submissions.SendTo(SequencerNode, state.Epoch);
        var nowNs = state.Context.NowNs;
        var isNews = state.Disk.WrittenTo > _ackedWritten || state.Disk.FlushedTo > _ackedFlushed;
        if ((isNews && !state.IsSealed) || _wants || _ackedNs == None || nowNs - _ackedNs >= state.Context.Options.HeartbeatNs)
            Acknowledge(nowNs);
    }

    private void Take(in AppendFrame frame)
    {
        var log = state.Log;
        if (IsFull)
            return;
        if (frame.Before > log.Head)
        {
            Want();
            return;
        }

        if (frame.Before >= log.BaseSequence && log.EpochAt(frame.Before) != frame.BeforeEpoch)
            return;
        var entries = frame.Entries;
        while (!entries.IsEmpty)
        {
            var header = EntryCodec.Header(entries);
            if (header.Sequence == log.Head + 1)
            {
                log.Append(entries[..header.TotalBytes]);
                state.Numbers.OnEntry(header.Sender, header.Number);
                if (header.Sender == state.Self)
                    state.Submissions.OnSequenced(header.Number);
                if (header.Delivery == Delivery.SafeDurable)
                    state.Disk.WantFlushed(header.Sequence);
            }

            entries = entries[header.TotalBytes..];
        }

        _wants &= log.Head < frame.Before;
    }

    /// <summary>Something is missing: asks again, but not for each frame that comes meanwhile.</summary>
    private void Want()
    {
        if (_wantedFrom == state.Log.Head && _wantedNs != None && state.Context.NowNs - _wantedNs < state.Context.Options.HeartbeatNs)
            return;
        (_wantedFrom, _wantedNs, _wants) = (state.Log.Head, state.Context.NowNs, true);
    }

    private void Acknowledge(long nowNs)
    {
        var flags = (state.IsSealed ? AckFlags.Sealed : AckFlags.None) | (state.CanVote ? AckFlags.CanVote : AckFlags.None)
            | (_wants ? AckFlags.Wants : AckFlags.None) | (state.Disk.HasFailed ? AckFlags.Unfit : AckFlags.None);
        // What a sealed member fetches is for a ballot that may not win: it is no vote for what the sequencer sent.
        if (!IsBound || Planted.Is(PlantedBug.AcknowledgeWhileSealed))
            (_ackedReceived, _ackedWritten, _ackedFlushed) = (state.Log.Head, Math.Min(state.Disk.WrittenTo, state.Log.Head), Math.Min(state.Disk.FlushedTo, state.Log.Head));
        var ack = new AckFrame
        {
            Epoch = state.Epoch, Incarnation = state.Self.Incarnation, ReceivedTo = _ackedReceived, ReceivedEpoch = state.Log.HeadEpoch,
            WrittenTo = _ackedWritten, FlushedTo = Math.Min(_ackedFlushed, _ackedWritten), ClockNs = nowNs, BeatEchoNs = state.IsSealed ? None : _beatNs, Flags = flags,
        };
        ack.Write(state.Builder);
        state.Send(SequencerNode, FrameType.Ack);
        (_ackedNs, _wants) = (nowNs, false);
    }
}
