namespace Flotilla.JobServer.Stores;

/// <summary>How a <see cref="FileJobStore"/> keeps its files.</summary>
public sealed record FileJobStoreOptions
{
    /// <summary>The smallest segment that makes sense: a few frames; for tests and tiny disks.</summary>
    public const int SegmentBytesMin = 4096;

    /// <summary>Offsets in a segment are 32 bits; and space is given back a segment at a time.</summary>
    public const int SegmentBytesMax = 1 << 30;

    /// <summary>The folder; made when it isn't there. One process at a time.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Bytes reserved per segment: 4 KiB to 1 GiB, default 16 MiB. Two segments are always reserved on the disk. Larger ones are begun
    /// less often (two flushes each), smaller ones give space back sooner.
    /// </summary>
    public int SegmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Takes a sentence for the log when something was wrong and the store went on: a torn tail was cut, cleaning stopped.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>All problems at once; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(Folder))
            problems.Add("Folder is empty");
        if (SegmentBytes is < SegmentBytesMin or > SegmentBytesMax)
            problems.Add($"SegmentBytes is {SegmentBytes}, not between {SegmentBytesMin} and {SegmentBytesMax}");
        return problems;
    }
}
