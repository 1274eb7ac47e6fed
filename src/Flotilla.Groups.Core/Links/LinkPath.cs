using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Links;

/// <summary>What is known of one other node and of the ways to it.</summary>
internal sealed class LinkPath(NodeId node, int slot)
{
    /// <summary>Times a path can fail before the wait for it grows no more: 3.2 s with heartbeats of 50 ms.</summary>
    private const int MaxFlaps = 6;

    private long[] _agesNs = [];

    public NodeId Node { get; } = node;

    /// <summary>Index into the ages others report.</summary>
    public int Slot { get; } = slot;

    /// <summary>In the view, -1 outside.</summary>
    public int Rank { get; set; } = -1;

    /// <summary>When it came into a view: silence counts from there.</summary>
    public long MemberSinceNs { get; set; } = LinkTiming.Never;

    // Its life.
    public uint Incarnation { get; private set; }

    public ulong Counter { get; private set; }

    /// <summary>When its counter last grew here, whoever told.</summary>
    public long FreshNs { get; set; } = LinkTiming.Never;

    public uint OverTo { get; private set; }

    public bool HasLeft { get; private set; }

    public bool IsOver => Incarnation != 0 && OverTo >= Incarnation;

    // The connection.
    public bool IsConnected { get; private set; }

    public long ConnectedNs { get; private set; } = LinkTiming.Never;

    /// <summary>The highest incarnation that spoke over this connection.</summary>
    public uint ConnectedIncarnation { get; private set; }

    /// <summary>When a frame last came directly.</summary>
    public long DirectNs { get; set; } = LinkTiming.Never;

    /// <summary>When a frame last came, relayed or not.</summary>
    public long HeardNs { get; set; } = LinkTiming.Never;

    // Whom it hears.
    public long VectorNs { get; private set; } = LinkTiming.Never;

    private uint _vectorIncarnation;
    private ulong _vectorCounter;

    // The way there.
    public bool IsProbed { get; set; } = true;

    public bool IsDirect { get; private set; }

    public int Flaps { get; private set; }

    /// <summary>The best node to relay through; none when nobody hears it.</summary>
    public NodeId Relay { get; set; }

    public NodeId Hop { get; set; }

    /// <summary>It had a way, and lost the direct one.</summary>
    public bool WasCut { get; set; }

    private long _goodSinceNs = LinkTiming.Never;
    private long _directSinceNs = LinkTiming.Never;

    // The cut detector.
    public long OutSinceNs { get; set; } = LinkTiming.Never;

    public void Connect(long nowNs, uint incarnation)
    {
        IsConnected = true;
        ConnectedNs = nowNs;
        ConnectedIncarnation = incarnation;
    }

    public void Disconnect() => IsConnected = false;

    /// <summary>A heartbeat that came over the connection itself: which life speaks there.</summary>
    public void SpokeDirectly(uint incarnation) => ConnectedIncarnation = Math.Max(ConnectedIncarnation, incarnation);

    /// <summary>A sign of life, first hand or told. False when it is no news.</summary>
    public bool Advance(uint incarnation, ulong counter, long nowNs)
    {
        if (incarnation < Incarnation || (incarnation == Incarnation && counter <= Counter))
            return false;
        Incarnation = incarnation;
        Counter = counter;
        FreshNs = nowNs;
        return true;
    }

    /// <summary>A life is over. False when that is known.</summary>
    public bool End(uint incarnation, bool hasLeft)
    {
        if (incarnation <= OverTo)
            return false;
        OverTo = incarnation;
        HasLeft = hasLeft;
        if (Incarnation < incarnation)
            (Incarnation, Counter) = (incarnation, 0);
        return true;
    }

    /// <summary>Takes a heartbeat's reports next. False when a later heartbeat was taken before.</summary>
    public bool BeginVector(uint incarnation, ulong counter, long nowNs, int slots)
    {
        if (incarnation < _vectorIncarnation || (incarnation == _vectorIncarnation && counter <= _vectorCounter))
            return false;
        (_vectorIncarnation, _vectorCounter, VectorNs) = (incarnation, counter, nowNs);
        if (_agesNs.Length < slots)
            _agesNs = new long[Math.Max(slots, 2 * _agesNs.Length)];
        Array.Fill(_agesNs, -1);
        return true;
    }

    public void SetAge(int slot, int ageMs) => _agesNs[slot] = ageMs < 0 ? -1 : ageMs * 1_000_000L;

    public void ForgetSlot(int slot)
    {
        if (slot < _agesNs.Length)
            _agesNs[slot] = -1;
    }

    /// <summary>When it last heard that node directly, by its last word and this node's clock.</summary>
    public long HeardAtNs(int slot) => slot >= _agesNs.Length || _agesNs[slot] < 0 ? LinkTiming.Never : VectorNs - _agesNs[slot];

    /// <summary>Whether it said lately that it hears that node. The time its word was on the way does not count: slow is not cut.</summary>
    public bool SaidItHears(int slot, long nowNs, long withinNs)
        => nowNs - VectorNs < withinNs && slot < _agesNs.Length && _agesNs[slot] >= 0 && _agesNs[slot] < withinNs;

    public bool HasSpokenWithin(long nowNs, long withinNs) => nowNs - VectorNs < withinNs;

    /// <summary>Takes note whether the direct path is good now; a path that fails again and again must be good for longer before it is used.</summary>
    public void Judge(bool isGood, long nowNs, LinkTiming timing)
    {
        if (!isGood)
        {
            if (IsDirect)
                Flaps = Math.Min(Flaps + 1, MaxFlaps);
            IsDirect = false;
            _goodSinceNs = LinkTiming.Never;
            return;
        }

        if (_goodSinceNs == LinkTiming.Never)
            _goodSinceNs = nowNs;
        if (!IsDirect && (Relay.IsNone || nowNs - _goodSinceNs >= timing.HoldNs(Flaps)))
            (IsDirect, _directSinceNs) = (true, nowNs);
        if (IsDirect && Flaps > 0 && nowNs - _directSinceNs > 64 * timing.HoldNs(Flaps))
            Flaps = 0;
    }

    /// <summary>What this node, which tracks the path, says of it.</summary>
    public LinkReport Report(long nowNs)
    {
        var ageMs = (nowNs - DirectNs) / 1_000_000;
        return new LinkReport(Node, Incarnation, Counter)
        {
            OverTo = OverTo,
            HasLeft = HasLeft,
            AgeMs = ageMs > LinkReport.MaxAgeMs ? -1 : (int)ageMs,
        };
    }
}
