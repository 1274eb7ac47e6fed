namespace Flotilla.Cluster.Hosting;

/// <summary>
/// Whether what a server says can be believed: it was prepared in this life of its process, and no statement that nobody knows the end of can still change it. Thread-safe.
/// </summary>
internal sealed class ServerTrust
{
    private readonly Lock _gate = new();
    private long _preparedLife;
    private long _aloneInLife;
    private long _doubts;

    /// <summary>How often it was doubted so far: whoever prepares notes it before.</summary>
    public long Doubts
    {
        get
        {
            lock (_gate)
                return _doubts;
        }
    }

    public bool IsPrepared(long life)
    {
        lock (_gate)
            return _preparedLife == life;
    }

    /// <summary>Whether sessions of before may be at work on it.</summary>
    public bool IsAlone(long life)
    {
        lock (_gate)
            return _aloneInLife == life;
    }

    /// <summary>Sessions of before were ended, as far as they were known of then.</summary>
    public void Alone(long life, long doubts)
    {
        lock (_gate)
            _aloneInLife = doubts == _doubts ? life : 0;
    }

    /// <summary>It is prepared, unless it was doubted since.</summary>
    public void Prepared(long life, long doubts)
    {
        lock (_gate)
            _preparedLife = doubts == _doubts ? life : 0;
    }

    /// <summary>Something that it needs is missing.</summary>
    public void Unprepare()
    {
        lock (_gate)
            _preparedLife = 0;
    }

    /// <summary>An action failed, and its last statement may be carried out yet: sessions are ended before anything is believed again.</summary>
    public void Doubt()
    {
        lock (_gate)
            (_preparedLife, _aloneInLife, _doubts) = (0, 0, _doubts + 1);
    }
}
