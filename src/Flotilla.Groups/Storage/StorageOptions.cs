namespace Flotilla.Groups.Storage;

/// <summary>How a node's log is kept on disk.</summary>
public sealed record StorageOptions
{
    /// <summary>A segment is closed when it is longer than this; whole segments are dropped once checkpoints cover them. Default 64 MiB.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Records nobody waits for are flushed at least this often. Default 1 s.</summary>
    public TimeSpan FlushEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// And as soon as so much was written: what is not flushed, all members keep in memory. 4 KiB to 4 MiB, default 4 MiB: the sequencer takes no more
    /// while a majority has three times that not flushed.
    /// </summary>
    public long FlushBytes { get; init; } = 4L << 20;

    /// <summary>All that is wrong, one line each.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> wrong = [];
        if (SegmentBytes is < 4096 or > 1L << 30)
            wrong.Add($"SegmentBytes is {SegmentBytes}, must be 4 KiB to 1 GiB");
        if (FlushEvery < TimeSpan.FromMilliseconds(1) || FlushEvery > TimeSpan.FromMinutes(1))
            wrong.Add($"FlushEvery is {FlushEvery}, must be 1 ms to 1 min");
        if (FlushBytes is < 4096 or > 4L << 20)
            wrong.Add($"FlushBytes is {FlushBytes}, must be 4 KiB to 4 MiB");
        return wrong;
    }
}
