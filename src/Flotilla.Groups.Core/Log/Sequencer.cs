using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>Of the one member that appends: gives submits their place, streams the log to the others, finds the commit points from what they have.</summary>
internal sealed class Sequencer(LogState state, Deliverer deliverer, LeaseKeeper lease)
{
    /// <summary>On the way to one member at a time: enough for 100 MB/s at 40 ms.</summary>
    private const int WindowBytes = 4 << 20;

    private const int MaxFrameBytes = 1 << 20;

    private MemberProgress[] _others = [];
    private ulong[] _written = [];
    private ulong[] _flushed = [];
    private ulong _lastSafe;
    private ulong _lastDurable;
    private bool _isBegun;
    private long _confirmedAloneNs;

    public ReadOnlySpan<MemberProgress> Others => _isBegun ? _others : [];

    /// <summary>Whether this node appends now.</summary>
    public bool IsAtWork => _isBegun && state.IsSequencer && !state.IsSealed && !state.Disk.HasFailed;

    public long LagOf(MemberProgress member) => LagAfter(member.NeedsAfter(state.Context.Options.LogOnDisk));

    /// <summary>Whether a learner that has the state would keep up as a voter, its disk included.</summary>
    public bool MayVote(MemberProgress member) => member.KeepsUp(state.Context.NowNs) && LagToVote(member) < state.Context.Options.MaxLagBytes / 8;

    private long LagToVote(MemberProgress member) => LagAfter(member.VotesFrom(state.Context.Options.LogOnDisk));

    private long LagAfter(ulong sequence) => state.Log.BytesBetween(sequence, state.Log.Head);

    /// <summary>
    /// Whether another message may be taken. The majority sets the pace, without limit: more would be lost on a minority. A voter that is slower than that is waited for
    /// a little; then it falls behind, and is made a learner.
    /// </summary>
    private bool HasRoom()
    {
        var limit = state.Context.Options.MaxLagBytes;
        var hasRoom = LagAfter(state.SafeTo) < limit / 2 && LagAfter(state.DurableTo) < limit * 3 / 16 && state.Log.Bytes < 2 * limit;
        var isHeldUp = false;
        foreach (var other in _others)
        {
            // Disks that flush in turn are one flush apart even when they are equally fast: it may be as far behind the majority as that behind the head.
            var isSlow = LagToVote(other) > limit * 3 / 8;
            if (isSlow)
                other.NoteSlow(state.Context.NowNs);
            isHeldUp |= other.IsWaitedFor(hasRoom && isSlow && other.Member.Role == MemberRole.Voter, state.Context);
        }

        return hasRoom && !isHeldUp;
    }

    public void Begin(DecidedView decided)
    {
        var view = decided.View;
        _isBegun = state.IsSequencer;
        if (!_isBegun)
            return;
        var before = _others;
        _others = [.. Enumerable.Range(0, view.Members.Length).Where(rank => view.Members[rank].Id != state.Self)
            .Select(rank => new MemberProgress(view.Members[rank], rank, view.StartSequence, Array.Find(before, other => other.Member.Id.Node == view.Members[rank].Id.Node)))];
        _written = new ulong[view.Members.Length];
        _flushed = new ulong[view.Members.Length];
        _lastSafe = _lastDurable = view.StartSequence;
        _confirmedAloneNs = long.MinValue / 2;
    }

    public void End() => _isBegun = false;

    public MemberProgress? Find(NodeId node)
    {
        foreach (var other in Others)
        {
            if (other.Member.Id.Node == node)
                return other;
        }

        return null;
    }

    /// <summary>Messages of another member.</summary>
    public void OnSubmit(NodeId from, in SubmitFrame frame)
    {
        if (!IsAtWork || frame.Epoch != state.Epoch)
            return;
        var sender = new MemberId(from, frame.Incarnation);
        var rank = state.Numbers.RankOf(sender);
        if (rank < 0)
            return;
        var reader = new FrameReader(frame.Messages);
        for (var number = frame.FirstNumber; number < frame.FirstNumber + (ulong)frame.Count; number++)
        {
            if (!SubmitFrame.TryTake(ref reader, out var delivery, out var body))
                return;
            if (number <= state.Numbers[rank] && !Planted.Is(PlantedBug.ForgetDuplicates))
                continue;
            if ((number > state.Numbers[rank] + 1 && !Planted.Is(PlantedBug.SubmitsOvertake)) || !HasRoom() || body.Length > state.Context.Options.MaxMessageBytes)
            {
                AskAgain(sender, state.Numbers[rank] + 1);
                return;
            }

            AppendMessage(rank, sender, number, delivery, body);
        }
    }

    /// <summary>This member's own messages.</summary>
    public void TakeOwn()
    {
        if (!IsAtWork)
            return;
        var rank = state.Numbers.RankOf(state.Self);
        while (state.Submissions.HasUnsequenced && HasRoom())
        {
            var body = state.Submissions.Get(state.Submissions.SequencedTo + 1, out var header);
            Invariant.Require(header.Number == state.Numbers[rank] + 1);
            state.Submissions.OnSequenced(header.Number);
            AppendMessage(rank, state.Self, header.Number, header.Delivery, body);
        }
    }

    public void OnAck(NodeId from, in AckFrame ack)
    {
        if (!_isBegun || ack.Epoch != state.Epoch || Find(from) is not { } member || member.Member.Id.Incarnation != ack.Incarnation)
            return;
        if (ack.ReceivedTo > state.Log.Head)
            return;
        member.OnAck(ack, state.Context.NowNs);
        if ((ack.Flags & AckFlags.Wants) != AckFlags.None)
            member.SentTo = Math.Max(ack.ReceivedTo, state.Log.BaseSequence);
        Confirm();
        FindCommitPoints();
    }

    /// <summary>What the majority has.</summary>
    public void FindCommitPoints()
    {
        if (!IsAtWork)
            return;
        var view = state.Current!.View;
        _written[view.RankOf(state.Self.Node)] = Math.Min(state.Disk.WrittenTo, state.Log.Head);
        _flushed[view.RankOf(state.Self.Node)] = Math.Min(state.Disk.FlushedTo, state.Log.Head);
        foreach (var other in _others)
        {
            _written[other.Rank] = other.WrittenTo;
            _flushed[other.Rank] = other.FlushedTo;
        }

        state.SafeTo = Math.Max(state.SafeTo, Votes.Majority(view, _written));
        state.DurableTo = Math.Max(state.DurableTo, Planted.Is(PlantedBug.DurableWhenWritten) ? state.SafeTo : Votes.Majority(view, _flushed));
        Invariant.Require(state.SafeTo <= state.Log.Head && state.DurableTo <= state.SafeTo);
        var stable = state.Log.Head;
        foreach (var other in _others)
            stable = Math.Min(stable, other.NeedsAfter(state.Context.Options.LogOnDisk));
        state.StableTo = Math.Max(state.StableTo, stable);
        deliverer.Advance();
    }

    /// <summary>Sends every member what it has not got: entries, commit points that somebody waits for, a beat now and then.</summary>
    public void Flush()
    {
        if (!IsAtWork)
            return;
        var nowNs = state.Context.NowNs;
        lease.OnBeat();
        ConfirmAlone(nowNs);
        foreach (var member in _others)
        {
            if (member.SentTo < state.Log.Head)
                Stream(member);
            var isNews = IsNews(member.ToldSafeTo, state.SafeTo, _lastSafe) || IsNews(member.ToldDurableTo, state.DurableTo, _lastDurable);
            if (isNews || member.MustEcho || member.SentNs == MemberProgress.None || nowNs - member.SentNs >= state.Context.Options.HeartbeatNs)
                SendFrom(member, member.SentTo, []);
        }
    }

    /// <summary>There may be room again, also for those who do not ask.</summary>
    public void OnTick()
    {
        if (IsAtWork && HasRoom())
            TakeOwn();
    }

    /// <summary>A commit point moved over an entry that waits for it.</summary>
    private static bool IsNews(ulong told, ulong now, ulong last) => now > told && told < last;

    private void AppendMessage(int rank, MemberId sender, ulong number, Delivery delivery, ReadOnlySpan<byte> body)
    {
        var sequence = state.Log.Head + 1;
        state.Log.Append(new EntryHeader(body.Length, state.Epoch, sequence, LogEntryKind.Message, delivery, sender, number), body);
        state.Numbers[rank] = number;
        if (delivery >= Delivery.Safe)
            _lastSafe = sequence;
        if (delivery == Delivery.SafeDurable)
            state.Disk.WantFlushed(_lastDurable = sequence);
        deliverer.Advance();
    }

    /// <summary>A sequencer that outweighs all others needs nobody's word.</summary>
    private void ConfirmAlone(long nowNs)
    {
        var view = state.Current!.View;
        if (nowNs - _confirmedAloneNs < state.Context.Options.HeartbeatNs || 2 * Votes.WeightOf(view.Find(state.Self.Node)!) <= Votes.Total(view))
            return;
        _confirmedAloneNs = nowNs;
        lease.OnConfirmed(nowNs);
        foreach (var other in _others)
            other.OnConfirmed(nowNs);
    }

    private void AskAgain(MemberId sender, ulong number)
    {
        new SubmitAskFrame(state.Epoch, sender.Incarnation, number).Write(state.Builder);
        state.Send(sender.Node, FrameType.SubmitAsk);
    }

    private void Stream(MemberProgress member)
    {
        if (member.SentTo < state.Log.BaseSequence)
            return;
        while (member.SentTo < state.Log.Head && state.Log.BytesBetween(member.ReceivedTo, member.SentTo) < WindowBytes)
        {
            var run = state.Log.Run(member.SentTo + 1, state.Log.Head, MaxFrameBytes, out var last);
            SendFrom(member, member.SentTo, run);
            member.SentTo = last;
        }
    }

    private void SendFrom(MemberProgress member, ulong before, ReadOnlySpan<byte> entries)
    {
        var nowNs = state.Context.NowNs;
        if (before < state.Log.BaseSequence)
            before = state.Log.BaseSequence;
        new AppendFrame
        {
            Epoch = state.Epoch, Before = before, BeforeEpoch = state.Log.EpochAt(before), SafeTo = state.SafeTo, DurableTo = state.DurableTo,
            StableTo = state.StableTo, BeatNs = nowNs, LeaseEchoNs = member.LeaseEchoNs,
        }.WriteHeader(state.Builder);
        state.Builder.Bytes(entries);
        state.Send(member.Member.Id.Node, FrameType.Append);
        (member.SentNs, member.MustEcho) = (nowNs, false);
        (member.ToldSafeTo, member.ToldDurableTo) = (state.SafeTo, state.DurableTo);
    }

    /// <summary>Which of the sequencer's instants a weighted majority of voters acknowledged.</summary>
    private void Confirm()
    {
        var view = state.Current!.View;
        var total = Votes.Total(view);
        var best = MemberProgress.None;
        foreach (var candidate in _others)
        {
            if (candidate.BeatEchoNs <= best || candidate.Member.Role != MemberRole.Voter)
                continue;
            var weight = Votes.WeightOf(view.Find(state.Self.Node)!);
            foreach (var other in _others)
                weight += other.BeatEchoNs >= candidate.BeatEchoNs ? Votes.WeightOf(other.Member) : 0;
            if (2 * weight > total)
                best = candidate.BeatEchoNs;
        }

        if (best == MemberProgress.None)
            return;
        lease.OnConfirmed(best);
        foreach (var other in _others)
            other.OnConfirmed(best);
    }
}
