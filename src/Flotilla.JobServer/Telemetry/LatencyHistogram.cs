namespace Flotilla.JobServer.Telemetry;

/// <summary>Counts durations in fixed buckets. One writer; readers may be a few counts apart between buckets, sum and count.</summary>
public sealed class LatencyHistogram(ReadOnlyMemory<long> upperBounds)
{
    private readonly long[] _buckets = new long[upperBounds.Length + 1];
    private long _sum;

    /// <summary>Upper bounds of jobs' waiting and running times in milliseconds: queues live from milliseconds to hours.</summary>
    public static ReadOnlyMemory<long> JobBoundsMs { get; } =
        new long[] { 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000 };

    /// <summary>Upper bounds of the store's commits in microseconds: from a cached write to a disk in trouble.</summary>
    public static ReadOnlyMemory<long> StoreBoundsUs { get; } =
        new long[] { 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000 };

    /// <summary>Upper bounds of records per commit.</summary>
    public static ReadOnlyMemory<long> BatchBounds { get; } = new long[] { 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000 };

    /// <summary>In the unit of the bounds, ascending; one more bucket follows for what is above all of them.</summary>
    public ReadOnlySpan<long> UpperBounds => upperBounds.Span;

    /// <summary>Counts per bucket, not accumulated.</summary>
    public ReadOnlySpan<long> Buckets => _buckets;

    public long Sum => Volatile.Read(ref _sum);

    public void Record(long value)
    {
        var bounds = upperBounds.Span;
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;
        Volatile.Write(ref _buckets[bucket], _buckets[bucket] + 1);
        Volatile.Write(ref _sum, _sum + Math.Max(0, value));
    }
}
