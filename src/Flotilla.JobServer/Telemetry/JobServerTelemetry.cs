using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry;

/// <summary>
/// Counts what happens in a running server. Costs a few additions per event and allocates only when a function is seen first; what
/// the counters mean to the outside is said by <see cref="MetricsPage"/> and <see cref="JobServerMeter"/>. Reading is thread-safe.
/// </summary>
public sealed class JobServerTelemetry : IJobServerObserver
{
    private readonly TelemetryOptions _options;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly FunctionCounters _overflow = new(System.Text.Encoding.UTF8.GetBytes(TelemetryOptions.OverflowLabel));
    private readonly FunctionCounters _server = new([]);
    private FunctionCounters?[] _functions = new FunctionCounters?[64];
    private long _connectionsOpened;
    private long _connectionsClosed;
    private long _bytesReceived;
    private long _bytesSent;
    private long _storedRecords;
    private long _storedBytes;
    private long _storeFailures;

    public JobServerTelemetry(TelemetryOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _started = time.GetTimestamp();
    }

    public TelemetryOptions Options => _options;

    public TimeSpan Uptime => _time.GetElapsedTime(_started);

    public long ConnectionsOpened => Volatile.Read(ref _connectionsOpened);

    public long ConnectionsOpen => ConnectionsOpened - Volatile.Read(ref _connectionsClosed);

    public long ReceivedBytes => Volatile.Read(ref _bytesReceived);

    public long SentBytes => Volatile.Read(ref _bytesSent);

    public long StoredRecords => Volatile.Read(ref _storedRecords);

    public long StoredBytes => Volatile.Read(ref _storedBytes);

    /// <summary>Batches that the store refused.</summary>
    public long StoreFailures => Volatile.Read(ref _storeFailures);

    /// <summary>In microseconds.</summary>
    public LatencyHistogram StoreCommits { get; } = new(LatencyHistogram.StoreBoundsUs);

    /// <summary>In records.</summary>
    public LatencyHistogram StoreBatches { get; } = new(LatencyHistogram.BatchBounds);

    /// <summary>Events that belong to no function.</summary>
    public FunctionCounters Server => _server;

    /// <summary>Counters of every function seen so far, those beyond the limit together as the last one.</summary>
    public IReadOnlyList<FunctionCounters> Functions()
    {
        var functions = Volatile.Read(ref _functions);
        List<FunctionCounters> seen = [];
        foreach (var function in functions)
        {
            if (function is not null)
                seen.Add(function);
        }

        if (_overflow.HasCounted)
            seen.Add(_overflow);
        return seen;
    }

    public void Report(in JobServerEvent happened) => CountersOf(happened).Add(happened);

    public void ConnectionOpened() => Interlocked.Increment(ref _connectionsOpened);

    public void ConnectionClosed() => Interlocked.Increment(ref _connectionsClosed);

    public void BytesReceived(long count) => Interlocked.Add(ref _bytesReceived, count);

    public void BytesSent(long count) => Interlocked.Add(ref _bytesSent, count);

    public void StoreCommitted(int records, long bytes, TimeSpan elapsed)
    {
        Interlocked.Add(ref _storedRecords, records);
        Interlocked.Add(ref _storedBytes, bytes);
        StoreCommits.Record((long)elapsed.TotalMicroseconds);
        StoreBatches.Record(records);
    }

    public void StoreFailed(int records, string reason) => Interlocked.Increment(ref _storeFailures);

    /// <summary>The bounded label of an event's function, without allocating for one that was seen before.</summary>
    internal string NameOf(in JobServerEvent happened) => CountersOf(happened).Name;

    private FunctionCounters CountersOf(in JobServerEvent happened)
    {
        var index = happened.FunctionIndex;
        if (happened.Function.IsEmpty || happened.Kind == JobServerEventKind.AccessDenied)
            return _server;
        if ((uint)index >= (uint)_options.MaxFunctions)
            return _overflow;
        if (index < _functions.Length && _functions[index] is { } known && known.IsNamed(happened.Function))
            return known;
        return Remember(index, happened.Function);
    }

    /// <summary>A function that is seen first, or another one at the index of one that was dropped.</summary>
    private FunctionCounters Remember(int index, ReadOnlySpan<byte> name)
    {
        var functions = _functions;
        if (index >= functions.Length)
            Array.Resize(ref functions, Math.Max(index + 1, functions.Length * 2));
        var counters = TakeFromOldIndex(functions, name) ?? new FunctionCounters(name);
        functions[index] = counters;
        Volatile.Write(ref _functions, functions);
        return counters;
    }

    /// <summary>A function that was dropped and made again may have another index: one name must not become two series.</summary>
    private static FunctionCounters? TakeFromOldIndex(FunctionCounters?[] functions, ReadOnlySpan<byte> name)
    {
        for (var old = 0; old < functions.Length; old++)
        {
            if (functions[old] is not { } counters || !counters.IsNamed(name))
                continue;
            functions[old] = null;
            return counters;
        }

        return null;
    }
}
