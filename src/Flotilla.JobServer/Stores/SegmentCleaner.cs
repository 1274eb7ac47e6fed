using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>
/// Frees the oldest segment, a piece with each commit: copies what is still needed of it into the commit's frame. Everything older
/// is gone, so removals in it refer to nothing and are dropped.
/// </summary>
internal sealed class SegmentCleaner(IStoreFiles files, JobLedger ledger, int segmentBytes, Action<string> warn) : IDisposable
{
    private IStoreFile? _file;
    private SegmentReader? _reader;
    private uint _segment;
    private bool _isStopped;

    /// <summary>
    /// Adds copies to the frame after reading about <paramref name="budgetBytes"/>, and returns the first segment that is needed once
    /// the frame is durable. When the frame fails, <see cref="StartOver"/>.
    /// </summary>
    public uint Collect(FrameBuffer frame, uint newest, bool hasSpare, long roomBytes, long budgetBytes)
    {
        if (ledger.SegmentCount == 0)
            return 0;
        var oldest = ledger.Oldest;
        if (oldest.Number == newest || _isStopped)
            return oldest.Number;
        if (oldest.LiveBytes == 0)
            return ledger.FirstInUse();
        var mayCopy = hasSpare || oldest.LiveBytes <= roomBytes / 4;
        if (!mayCopy || !IsWorthwhile())
            return oldest.Number;
        try
        {
            return Copy(frame, oldest, budgetBytes) ? oldest.Number + 1 : oldest.Number;
        }
        catch (StoreFileException problem)
        {
            Stop($"can't be read: {problem.Message}");
            return oldest.Number;
        }
    }

    /// <summary>Forgets how far the oldest segment was read: what was copied durably is known to the ledger and not copied again.</summary>
    public void StartOver()
    {
        _file?.Dispose();
        _file = null;
        _reader = null;
    }

    public void Dispose() => StartOver();

    private bool IsWorthwhile()
        => ledger.UsedBytes > ledger.LiveBytes * 3 / 2 + segmentBytes
            || ledger.SegmentCount > 16 + 4 * (ledger.LiveBytes / segmentBytes);

    private bool Copy(FrameBuffer frame, SegmentUse oldest, long budgetBytes)
    {
        if ((_reader is null || _segment != oldest.Number) && !TryOpen(oldest))
            return false;
        Invariant.Require(_reader is not null);
        while (budgetBytes > 0 && !_reader.IsAtEnd)
        {
            if (!_reader.TryNext())
            {
                Stop($"is damaged at byte {_reader.Offset}");
                return false;
            }

            budgetBytes -= FrameHeader.SizeBytes + _reader.Payload.Length;
            CopyNeeded(frame, _reader);
        }

        return _reader.IsAtEnd;
    }

    private void CopyNeeded(FrameBuffer frame, SegmentReader reader)
    {
        var row = new RecordRow(reader.Payload);
        while (row.MoveNext())
        {
            var place = new RecordPlace(_segment, (uint)(reader.PayloadOffset + row.Start), row.SizeBytes);
            if (ledger.IsNeeded(row.Current, place))
                frame.Append(row.Raw);
        }
    }

    private bool TryOpen(SegmentUse oldest)
    {
        StartOver();
        _segment = oldest.Number;
        _file = files.Open(SegmentNames.Of(_segment));
        var head = new byte[SegmentHeader.SizeBytes];
        var problem = SegmentHeader.TryRead(head.AsSpan(0, _file.Read(0, head)), _segment, out var header);
        if (problem is not null)
        {
            Stop(problem);
            return false;
        }

        _reader = new SegmentReader(_file, header.Salt, SegmentHeader.SizeBytes, oldest.UsedBytes, header.FirstFrame);
        return true;
    }

    private void Stop(string problem)
    {
        _isStopped = true;
        StartOver();
        warn($"{files.Describe(SegmentNames.Of(_segment))} {problem}; no segment is cleaned until the store is opened again, new ones are added");
    }
}
