namespace Flotilla.Groups.Core.Links;

/// <summary>
/// How far this node trusts its own ears. A node that was paused, or that hears nobody at all, is more likely ill than all the others are.
/// After a pause everybody gets a full suspicion time again, and with every further pause a longer one.
/// </summary>
internal sealed class SelfDoubt(LinkTiming timing)
{
    /// <summary>Suspicion takes at most 1 + this times as long: a crash among busy machines is still found in seconds.</summary>
    private const int MaxScore = 3;

    private long _lastTickNs = LinkTiming.Never;
    private long _untilNs = LinkTiming.Never;
    private long _calmNs;
    private int _score;

    /// <summary>When the last pause ended: silence counts from there, at the earliest.</summary>
    public long FloorNs { get; private set; } = LinkTiming.Never;

    /// <summary>Everybody fell silent at once.</summary>
    public bool IsDeaf { get; set; }

    public bool IsPaused => _untilNs != LinkTiming.Never;

    public bool IsInDoubt => IsPaused || IsDeaf;

    /// <summary>How long silence must last here.</summary>
    public long SuspectNs => timing.SuspectNs * (1 + _score);

    /// <summary>Looks for a pause before anything else of a step. Returns its length, 0 for none.</summary>
    public long Notice(long nowNs)
    {
        var gapNs = _lastTickNs == LinkTiming.Never ? 0 : nowNs - _lastTickNs;
        if (gapNs <= timing.PauseNs)
            return 0;
        _lastTickNs = nowNs;
        FloorNs = nowNs;
        _untilNs = nowNs + timing.SuspectNs;
        _score = Math.Min(_score + 1, MaxScore);
        _calmNs = nowNs;
        return gapNs;
    }

    /// <summary><paramref name="hearsMajority"/>: a weighted majority was heard since the pause, so ears work.</summary>
    public void Tick(long nowNs, bool hearsMajority)
    {
        _lastTickNs = nowNs;
        if (IsPaused && (hearsMajority || nowNs >= _untilNs))
            _untilNs = LinkTiming.Never;
        if (_score == 0 || nowNs - _calmNs < 4 * timing.SuspectNs)
            return;
        _score--;
        _calmNs = nowNs;
    }
}
