namespace Flotilla.Cluster.Probe;

/// <summary>What one writer was told of each of its writes, and when it was told nothing. Thread-safe.</summary>
internal sealed class ProbeLedger(int writer, ProbeOptions options)
{
    private readonly Lock _gate = new();
    private readonly List<WriteOutcome> _outcomes = [];
    private readonly Queue<long> _lastSecond = [];
    private readonly List<ProbeOutage> _outages = [];
    private readonly long[] _counts = new long[Enum.GetValues<WriteOutcome>().Length];
    private long _lastAt = options.Time.GetTimestamp();
    private string? _server;
    private int _failed;
    private TimeSpan _longest;

    /// <summary>In the column <c>writer</c>: nobody else's, of no other run.</summary>
    public long Id { get; } = Random.Shared.NextInt64();

    /// <summary>The number of the next write.</summary>
    public long Next
    {
        get
        {
            lock (_gate)
                return _outcomes.Count;
        }
    }

    public void Add(WriteOutcome outcome, string server)
    {
        lock (_gate)
        {
            _outcomes.Add(outcome);
            _counts[(int)outcome]++;
            if (outcome == WriteOutcome.Acknowledged)
                Acknowledge(server);
            else
                _failed++;
        }
    }

    public IReadOnlyList<WriteOutcome> Outcomes()
    {
        lock (_gate)
            return [.. _outcomes];
    }

    public LedgerSnapshot Snapshot(long now)
    {
        lock (_gate)
        {
            Forget(now);
            var gap = options.Time.GetElapsedTime(_lastAt, now);
            return new LedgerSnapshot
            {
                Acknowledged = _counts[(int)WriteOutcome.Acknowledged],
                Refused = _counts[(int)WriteOutcome.Refused],
                Unknown = _counts[(int)WriteOutcome.Unknown],
                InLastSecond = _lastSecond.Count,
                Server = _server,
                CurrentGap = gap,
                LongestGap = gap > _longest ? gap : _longest,
                Outages = [.. _outages],
            };
        }
    }

    private void Acknowledge(string server)
    {
        var now = options.Time.GetTimestamp();
        var gap = options.Time.GetElapsedTime(_lastAt, now);
        if (_server is not null)
        {
            _longest = gap > _longest ? gap : _longest;
            if (_failed > 0 || gap >= options.OutageMin)
            {
                var utc = options.Time.GetUtcNow();
                _outages.Add(new ProbeOutage(writer, utc - gap, utc, gap, _server, server, _failed));
            }
        }

        (_lastAt, _server, _failed) = (now, server, 0);
        _lastSecond.Enqueue(now);
        Forget(now);
    }

    private void Forget(long now)
    {
        while (_lastSecond.TryPeek(out var oldest) && options.Time.GetElapsedTime(oldest, now) > TimeSpan.FromSeconds(1))
            _lastSecond.Dequeue();
    }
}
