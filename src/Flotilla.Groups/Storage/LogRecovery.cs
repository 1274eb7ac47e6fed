using Flotilla.Groups.Core;

namespace Flotilla.Groups.Storage;

/// <summary>
/// Reads the segments of a directory in order. What the end of the process or of the power may leave at the end is cut off, and reported: a record that is
/// not whole, after which nothing says that it was flushed. Anything else that is wrong stops the start.
/// </summary>
internal sealed class LogRecovery(NodeDirectory directory)
{
    private uint _chain;

    /// <summary>What was cut off, for people.</summary>
    public List<string> Reports { get; } = [];

    /// <summary>What is known of each segment that stays, in order.</summary>
    public List<SegmentUse> Segments { get; } = [];

    /// <summary>Where the next record goes in the last segment, and the checksum its chain begins with.</summary>
    public long EndOffset { get; private set; }

    public uint Chain => _chain;

    /// <summary>Throws <see cref="StorageException"/>.</summary>
    public void Run(RecordSink sink)
    {
        var numbers = directory.Segments();
        if (numbers.Count == 0)
            throw new StorageException($"{directory.Path} holds no segment of the log ({SegmentFormat.NameOf(1)} or later): restore it, or begin with an empty directory (it joins as a new node)");
        for (var i = 0; i < numbers.Count; i++)
        {
            if (i > 0 && numbers[i] != numbers[i - 1] + 1)
                throw new StorageException($"{directory.PathOf(SegmentFormat.NameOf(numbers[i - 1] + 1))} is missing: restore it, or begin with an empty directory (it joins as a new node)");
            if (ReadSegment(numbers, i, sink))
                continue;
            for (var later = i + 1; later < numbers.Count; later++)
            {
                File.Delete(directory.PathOf(SegmentFormat.NameOf(numbers[later])));
                Reports.Add($"{directory.PathOf(SegmentFormat.NameOf(numbers[later]))} was dropped: it goes on from what was cut off");
            }

            break;
        }
    }

    /// <summary>False when the log ends in this segment, though there are more.</summary>
    private bool ReadSegment(List<uint> numbers, int index, RecordSink sink)
    {
        var number = numbers[index];
        var path = directory.PathOf(SegmentFormat.NameOf(number));
        var isLast = index == numbers.Count - 1;
        var bytes = File.ReadAllBytes(path);
        if (!SegmentFormat.TryRead(bytes, number, directory.Number, out var chain, out var why))
        {
            if (index > 0 && isLast && IsUnfinishedHeader(bytes))
            {
                File.Delete(path);
                Reports.Add($"{path} was dropped: it was being made when the process or the host ended");
                return true;
            }

            throw new StorageException($"{path}, offset 0: {why}; {Remedy}");
        }

        if (index > 0 && chain != _chain)
            throw new StorageException($"{path}, offset 24: it does not follow {SegmentFormat.NameOf(numbers[index - 1])}; {Remedy}");
        _chain = chain;
        var use = new SegmentUse(number);
        Segments.Add(use);
        var at = SegmentFormat.HeaderBytes;
        while (at < bytes.Length)
        {
            var header = RecordHeader.Read(bytes.AsSpan(at), out why);
            if (header is { } wrong && wrong.Previous != _chain)
                (header, why) = (null, "it does not follow the record before it");
            if (header is not { } record)
            {
                CutTail(path, bytes, at, why, numbers, index);
                EndOffset = at;
                return false;
            }

            var body = bytes.AsSpan(at + RecordHeader.SizeBytes, record.BodyBytes);
            var persisted = new PersistRecord(record.Kind, record.Sequence, body);
            use.Note(persisted, record.IsCarried);
            if (!record.IsCarried || index == 0)
                sink(persisted);
            _chain = record.Checksum;
            at += record.TotalBytes;
        }

        EndOffset = at;
        return true;
    }

    private static string Remedy => "restore the file from a copy, or begin with an empty directory: the node then joins as a new one and fetches everything from the others";

    private static bool IsUnfinishedHeader(byte[] bytes)
        => bytes.Length < SegmentFormat.HeaderBytes || bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0;

    private void CutTail(string path, byte[] bytes, int at, string why, List<uint> numbers, int index)
    {
        var proof = FindProof(bytes, at, numbers, index);
        if (proof is not null)
            throw new StorageException($"{path}, offset {at}: {why}, but {proof}: the file is damaged; {Remedy}");
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            RandomAccess.SetLength(file, at);
            RandomAccess.FlushToDisk(file);
        }

        Reports.Add($"{path}, offset {at}: {why}; the last {bytes.Length - at} bytes, which nobody had been promised, were cut off");
    }

    /// <summary>What shows that the bad record was no torn tail; null when nothing does.</summary>
    private string? FindProof(byte[] bytes, int at, List<uint> numbers, int index)
    {
        var isLast = index == numbers.Count - 1;
        // Within one boot of the host writes reach the file in order: whatever is behind a bad record shows that it was good once.
        if (directory.IsSameBoot && !isLast)
            return "more segments follow";
        foreach (var (offset, record) in Find(bytes, at + 1))
        {
            if (directory.IsSameBoot)
                return $"an intact record follows at offset {offset}";
            if (record.FlushedTo > at)
                return $"the record at offset {offset} says that it was flushed";
        }

        for (var later = index + 1; later < numbers.Count; later++)
        {
            var laterBytes = File.ReadAllBytes(directory.PathOf(SegmentFormat.NameOf(numbers[later])));
            foreach (var (offset, record) in Find(laterBytes, SegmentFormat.HeaderBytes))
            {
                if (record.FlushedTo > 0)
                    return $"the record at offset {offset} of {SegmentFormat.NameOf(numbers[later])} says that it was flushed";
            }
        }

        return null;
    }

    /// <summary>Intact records from an offset on, wherever they begin.</summary>
    private static IEnumerable<(int Offset, RecordHeader Record)> Find(byte[] bytes, int from)
    {
        for (var at = from; at + RecordHeader.SizeBytes <= bytes.Length; at++)
        {
            var mark = bytes.AsSpan(at + RecordHeader.MarkOffset).IndexOf(RecordHeader.Mark);
            if (mark < 0 || at + mark + RecordHeader.SizeBytes > bytes.Length)
                yield break;
            at += mark;
            if (RecordHeader.Read(bytes.AsSpan(at), out _) is not { } record)
                continue;
            yield return (at, record);
            at += record.TotalBytes - 1;
        }
    }
}
