using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Stores;

/// <summary>Finds the log's end and reads all of it into a ledger. Changes no file.</summary>
internal sealed class StoreRecovery(IStoreFiles files, JobLedger ledger, Action<string> warn)
{
    /// <summary>Often enough for a progress line, seldom enough to cost nothing.</summary>
    private const long ProgressEveryBytes = 4 * 1024 * 1024;

    private readonly Dictionary<uint, SegmentHeader> _headers = [];
    private long _doneBytes;
    private long _reportedBytes;

    /// <summary>Up to the valid ends.</summary>
    public long TotalBytes { get; private set; }

    public RecoveredLog Run(IJobStoreReplay replay, CancellationToken cancellationToken)
    {
        var present = files.List()
            .Select(name => SegmentNames.TryParse(name, out var number) ? number : 0)
            .Where(number => number > 0)
            .ToHashSet();
        if (present.Count == 0)
            return new RecoveredLog { Oldest = 1, NextFrame = 1 };
        var log = ScanNewest(present.Max());
        for (var segment = log.Oldest; segment <= log.Newest; segment++)
        {
            if (!present.Contains(segment))
                throw Damaged(segment, "is missing");
            _headers[segment] = ReadHeader(segment);
        }

        TotalBytes = log.End + Enumerable.Range((int)log.Oldest + 1, (int)(log.Newest - log.Oldest)).Sum(next => _headers[(uint)next].PreviousEnd);
        for (var segment = log.Oldest; segment <= log.Newest; segment++)
            ReadSegment(segment, log, replay, cancellationToken);
        return log;
    }

    /// <summary>Only the newest segment's last frame knows for sure which segments count, so it is read first.</summary>
    private RecoveredLog ScanNewest(uint newest)
    {
        var header = ReadHeader(newest);
        using var file = files.Open(SegmentNames.Of(newest));
        var reader = new SegmentReader(file, header.Salt, SegmentHeader.SizeBytes, file.LengthBytes, header.FirstFrame);
        var oldest = header.Oldest;
        var lastStart = reader.Offset;
        var hasFrames = false;
        for (var start = reader.Offset; reader.TryNext(); start = reader.Offset)
        {
            (lastStart, oldest, hasFrames) = (start, reader.Frame.Oldest, true);
        }

        CheckTail(newest, reader);
        if (oldest > newest)
            throw Damaged(newest, $"is damaged at byte {lastStart}: it needs a segment that is newer than itself");
        return new RecoveredLog
        {
            Newest = newest,
            Oldest = oldest,
            End = reader.Offset,
            NextFrame = reader.NextFrame,
            InDoubtFrom = hasFrames && !reader.Frame.IsClosing ? lastStart : 0,
        };
    }

    /// <summary>What follows the last whole frame was never acknowledged, unless a whole later frame follows it.</summary>
    private void CheckTail(uint newest, SegmentReader reader)
    {
        var later = reader.FindLaterFrame();
        if (later >= 0)
            throw Damaged(newest, $"is damaged at byte {reader.Offset}: what follows up to byte {later} can't be read, what comes then can");
        if (reader.HasTornTail())
            warn($"{files.Describe(SegmentNames.Of(newest))} ends in a write that was never finished nor acknowledged; it is cut off at byte {reader.Offset}");
    }

    private void ReadSegment(uint segment, in RecoveredLog log, IJobStoreReplay replay, CancellationToken cancellationToken)
    {
        var header = _headers[segment];
        var end = segment == log.Newest ? log.End : _headers[segment + 1].PreviousEnd;
        ledger.BeginSegment(segment, header.HighestId);
        using var file = files.Open(SegmentNames.Of(segment));
        if (file.LengthBytes < end)
            throw Damaged(segment, $"is damaged at byte {file.LengthBytes}: it ends there, {end - file.LengthBytes} bytes are missing");
        var reader = new SegmentReader(file, header.Salt, SegmentHeader.SizeBytes, end, header.FirstFrame);
        while (!reader.IsAtEnd)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = reader.Offset;
            if (!reader.TryNext())
                throw Damaged(segment, $"is damaged at byte {start}: a frame can't be read");
            ApplyFrame(segment, reader);
            Progress(replay, reader.Offset - start);
        }

        ledger.SetEnd(segment, end);
        var next = segment == log.Newest ? reader.NextFrame : _headers[segment + 1].FirstFrame;
        if (reader.NextFrame != next)
            throw Damaged(segment, $"ends with frame {reader.NextFrame - 1}, but the next segment begins with {next}");
    }

    private void ApplyFrame(uint segment, SegmentReader reader)
    {
        var row = new RecordRow(reader.Payload);
        while (row.MoveNext())
        {
            var at = reader.PayloadOffset + row.Start;
            if (row.Current.Kind is StoredRecordKind.None or > StoredRecordKind.FunctionSet)
                throw Damaged(segment, $"holds a record of unknown kind {(int)row.Current.Kind} at byte {at}: a newer version wrote it");
            ledger.Apply(row.Current, new RecordPlace(segment, (uint)at, row.SizeBytes));
        }
    }

    private void Progress(IJobStoreReplay replay, long bytes)
    {
        _doneBytes += bytes;
        if (_doneBytes - _reportedBytes < ProgressEveryBytes)
            return;
        _reportedBytes = _doneBytes;
        replay.OnProgress(_doneBytes, TotalBytes * 2);
    }

    private SegmentHeader ReadHeader(uint segment)
    {
        using var file = files.Open(SegmentNames.Of(segment));
        Span<byte> head = stackalloc byte[SegmentHeader.SizeBytes];
        var problem = SegmentHeader.TryRead(head[..file.Read(0, head)], segment, out var header);
        return problem is null ? header : throw Damaged(segment, problem);
    }

    private JobStoreException Damaged(uint segment, string what)
        => new($"{files.Describe(SegmentNames.Of(segment))} {what}. Nothing was changed. Put the folder {files.Describe("")} back from a copy, "
            + "or move it away to begin with an empty store and keep it: the jobs in its sound parts are not lost");
}
