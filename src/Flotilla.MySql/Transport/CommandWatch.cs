namespace Flotilla.MySql.Transport;

/// <summary>
/// Notices that the server has been silent for too long. One timer, re-armed only when it goes off: watching a wait costs a look at the
/// clock.
/// </summary>
internal sealed class CommandWatch : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Action _late;
    private long _since = -1;
    private bool _armed;
    private TimeSpan _limit = Timeout.InfiniteTimeSpan;

    /// <param name="time">The clock.</param>
    /// <param name="late">Called once per wait that lasts too long, on a thread of the pool, and before that wait can end. Must not block.</param>
    public CommandWatch(TimeProvider time, Action late)
    {
        _time = time;
        _late = late;
        _timer = time.CreateTimer(static self => ((CommandWatch)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long a wait may last; infinite switches the watch off.</summary>
    public TimeSpan Limit
    {
        get => _limit;
        set
        {
            lock (_lock)
            {
                _limit = value;
                _since = -1;
                if (_armed)
                    Arm(value);
            }
        }
    }

    public void WaitBegins()
    {
        if (_limit == Timeout.InfiniteTimeSpan)
            return;
        lock (_lock)
        {
            _since = _time.GetTimestamp();
            if (!_armed)
                Arm(_limit);
        }
    }

    /// <summary>After this the wait is not called late any more.</summary>
    public void WaitEnds()
    {
        if (_limit == Timeout.InfiniteTimeSpan)
            return;
        lock (_lock)
            _since = -1;
    }

    public void Dispose() => _timer.Dispose();

    private void Arm(TimeSpan after)
    {
        _armed = after != Timeout.InfiniteTimeSpan;
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        lock (_lock)
        {
            _armed = false;
            var since = _since;
            if (since < 0 || _limit == Timeout.InfiniteTimeSpan)
                return;
            var left = _limit - _time.GetElapsedTime(since);
            if (left > TimeSpan.Zero)
            {
                Arm(left);
                return;
            }

            _since = -1;
            _late();
        }
    }
}
