using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>What the sequencer knows of one other member in one epoch; of those before, how slow it was.</summary>
internal sealed class MemberProgress(ClusterMember member, int rank, ulong startSequence, MemberProgress? before)
{
    public const long None = long.MinValue;

    /// <summary>So long at once the others wait for a slow voter: a disk that others use too may take a second or two for a flush, and a view change costs more.</summary>
    private const long PatienceNs = 2_000_000_000;

    private long _clockNs = None;
    private long _clockCameNs;
    private long _patienceNs = before?._patienceNs ?? PatienceNs;
    private long _patienceAtNs = before?._patienceAtNs ?? long.MinValue / 2;
    private long _slowNs = before?._slowNs ?? long.MinValue / 2;
    private bool _isWaitedFor;

    public ClusterMember Member { get; } = member;

    public int Rank { get; } = rank;

    /// <summary>Entries to here went out.</summary>
    public ulong SentTo { get; set; } = startSequence;

    public long SentNs { get; set; } = None;

    public ulong ToldSafeTo { get; set; }

    public ulong ToldDurableTo { get; set; }

    public ulong ReceivedTo { get; private set; }

    public ulong WrittenTo { get; private set; }

    public ulong FlushedTo { get; private set; }

    public AckFlags Flags { get; private set; }

    /// <summary>It said something in this epoch.</summary>
    public bool HasAcknowledged { get; private set; }

    /// <summary>The last of the sequencer's instants that came back from it.</summary>
    public long BeatEchoNs { get; private set; } = None;

    /// <summary>An instant of its own clock that is confirmed.</summary>
    public long LeaseEchoNs { get; private set; } = None;

    public bool MustEcho { get; set; }

    /// <summary>Nothing before it needs to be kept for this member.</summary>
    public ulong NeedsAfter(bool logOnDisk) => Member.Role == MemberRole.Voter ? VotesFrom(logOnDisk) : ReceivedTo;

    /// <summary>How far it is with what a voter must have.</summary>
    public ulong VotesFrom(bool logOnDisk) => logOnDisk ? Math.Min(FlushedTo, ReceivedTo) : ReceivedTo;

    /// <summary>It was not slow for a while: what a disk has right after a flush says little.</summary>
    public bool KeepsUp(long nowNs) => nowNs - _slowNs >= PatienceNs;

    public void NoteSlow(long nowNs) => _slowNs = nowNs;

    /// <summary>
    /// Whether the others wait for this member now that it is slow, or not. They regain their patience at half the speed, so one that is slower than
    /// the others costs them at most a third of their time until it is made a learner.
    /// </summary>
    public bool IsWaitedFor(bool isSlow, NodeContext context)
    {
        var passedNs = context.NowNs - _patienceAtNs;
        _patienceNs = Math.Clamp(_patienceNs + (_isWaitedFor ? -passedNs : passedNs / 2), 0, PatienceNs);
        _patienceAtNs = context.NowNs;
        return _isWaitedFor = isSlow && _patienceNs > 0;
    }

    public void OnAck(in AckFrame ack, long nowNs)
    {
        HasAcknowledged = true;
        ReceivedTo = Math.Max(ReceivedTo, ack.ReceivedTo);
        WrittenTo = Math.Max(WrittenTo, ack.WrittenTo);
        FlushedTo = Math.Max(FlushedTo, ack.FlushedTo);
        Flags = ack.Flags;
        BeatEchoNs = Math.Max(BeatEchoNs, ack.BeatEchoNs);
        SentTo = Math.Max(SentTo, ack.ReceivedTo);
        if (_clockNs != None || ack.ClockNs <= LeaseEchoNs)
            return;
        (_clockNs, _clockCameNs) = (ack.ClockNs, nowNs);
    }

    /// <summary>A majority of voters acknowledged what the sequencer said at an instant.</summary>
    public void OnConfirmed(long instantNs)
    {
        if (_clockNs == None || instantNs < _clockCameNs)
            return;
        LeaseEchoNs = _clockNs;
        _clockNs = None;
        MustEcho = true;
    }
}
