using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>What the sequencer knows of one other member in one epoch.</summary>
internal sealed class MemberProgress(ClusterMember member, int rank, ulong startSequence)
{
    public const long None = long.MinValue;

    /// <summary>Who gets on by so much within so long is moving: a disk that takes a second for a flush still does.</summary>
    private const long MovedBytes = 256 << 10;
    private const long MovedWithinNs = 2_000_000_000;

    private long _clockNs = None;
    private long _clockCameNs;
    private ulong _movedTo = startSequence;
    private long _movedNs = None;

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
    public ulong NeedsAfter(bool logOnDisk) => logOnDisk && Member.Role == MemberRole.Voter ? Math.Min(FlushedTo, ReceivedTo) : ReceivedTo;

    /// <summary>It keeps acknowledging, if slowly.</summary>
    public bool IsMoving(long nowNs) => _movedNs != None && nowNs - _movedNs < MovedWithinNs;

    /// <summary>After an acknowledgement: whether that was much, or all there is.</summary>
    public void NoteProgress(EntryLog log, NodeContext context)
    {
        var needsAfter = NeedsAfter(context.Options.LogOnDisk);
        if (needsAfter < log.Head && log.BytesBetween(_movedTo, needsAfter) < MovedBytes)
            return;
        (_movedTo, _movedNs) = (needsAfter, context.NowNs);
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
