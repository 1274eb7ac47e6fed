using System.Security.Cryptography;
using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>
/// The default store: an append-only log in segment files, one write and one flush per batch. The design and its hard cases are in
/// docs/design/job-stores.md. Works on the caller's thread; not thread-safe but for <see cref="Status"/>.
/// </summary>
public sealed class FileJobStore : IJobStore
{
    /// <summary>What cleaning reads at least per commit, so that it comes to an end under small batches too.</summary>
    private const long CleaningBytesMin = 256 * 1024;

    /// <summary>What cleaning reads at most per commit: some ten milliseconds of work.</summary>
    private const long CleaningBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes read by cleaning for each byte written or freed: enough to stay below twice the live bytes.</summary>
    private const int CleaningRate = 4;

    private readonly FileJobStoreOptions _options;
    private readonly IStoreFiles _files;
    private readonly JobLedger _ledger = new();
    private readonly FrameBuffer _frame = new();
    private readonly SegmentWriter _writer;
    private readonly SegmentCleaner _cleaner;
    private IDisposable? _lock;
    private long _freedBytes;
    private volatile FileJobStoreStatus _status = new(0, 0, 0, 0, IsFull: false);

    public FileJobStore(FileJobStoreOptions options)
        : this(options, new DiskStoreFiles(options.Folder), new SeededRandom(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)))))
    {
    }

    /// <summary>On other files than the real ones; <paramref name="salts"/> must give other numbers at every opening.</summary>
    public FileJobStore(FileJobStoreOptions options, IStoreFiles files, SeededRandom salts)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join("; ", problems), nameof(options));
        _options = options;
        _files = files;
        _writer = new SegmentWriter(files, salts, options.SegmentBytes, Warn);
        _cleaner = new SegmentCleaner(files, _ledger, options.SegmentBytes, Warn);
    }

    public string Description => $"file store in {_files.Describe("")}";

    public JobId HighestId => new(_ledger.HighestId);

    /// <summary>The state after the last commit; from any thread.</summary>
    public FileJobStoreStatus Status => _status;

    /// <summary>A failed batch could not be cut off yet: were the process to end now, it might come back.</summary>
    internal bool HasUncertainTail => _writer.HasUncertainTail;

    public ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken)
    {
        Invariant.Require(_lock is null);
        try
        {
            _lock = _files.Lock();
            Open(replay, cancellationToken);
        }
        catch (StoreFileException problem)
        {
            Release();
            throw Explain(problem);
        }
        catch (Exception problem) when (problem is JobStoreException or OperationCanceledException)
        {
            Release();
            throw;
        }

        Publish();
        return default;
    }

    public ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken)
    {
        Invariant.Require(_lock is not null);
        cancellationToken.ThrowIfCancellationRequested();
        if (batch.IsEmpty)
            return default;
        try
        {
            Commit(batch);
        }
        catch (StoreFileException problem)
        {
            _cleaner.StartOver();
            throw Explain(problem);
        }
        finally
        {
            NoteSegments();
            Publish();
        }

        return default;
    }

    public ValueTask DisposeAsync()
    {
        if (_lock is null)
            return default;
        try
        {
            _frame.Clear();
            if (!_writer.HasUncertainTail && _writer.RoomBytes >= FrameHeader.SizeBytes)
                _writer.Append(_frame, _ledger.Oldest.Number, _ledger.HighestId, isClosing: true);
        }
        catch (StoreFileException problem)
        {
            Warn($"the store could not be marked as closed, the next opening checks its tail: {problem.Message}");
        }

        Release();
        return default;
    }

    private void Open(IJobStoreReplay replay, CancellationToken cancellationToken)
    {
        var recovery = new StoreRecovery(_files, _ledger, Warn);
        var log = recovery.Run(replay, cancellationToken);
        GiveBackReserves();
        var hasSpare = TryKeepSpare();
        _writer.Resume(log.Newest, log.End, log.NextFrame, log.Oldest, hasSpare);
        if (log.InDoubtFrom > 0)
            MakeCertain(log, hasSpare);
        using (var records = new RecordFetcher(_files))
            new LedgerReplay(_ledger, records, replay).Run(recovery.TotalBytes * 2, cancellationToken);
        _ledger.EndOpening();
        RemoveLeftovers(log);
        _writer.TryMakeSpare();
    }

    /// <summary>
    /// The last frame may have been read from memory that never reached the disk, even though a flush of that file now says it did. It
    /// is written again in a new segment; only when there is no room for one, the flush is believed.
    /// </summary>
    private void MakeCertain(in RecoveredLog log, bool hasSpare)
    {
        using var file = _files.Open(SegmentNames.Of(log.Newest));
        var payload = new byte[log.End - log.InDoubtFrom - FrameHeader.SizeBytes];
        Invariant.Require(file.Read(log.InDoubtFrom + FrameHeader.SizeBytes, payload) == payload.Length);
        _frame.Clear();
        _frame.Append(payload);
        _writer.Resume(log.Newest, log.InDoubtFrom, log.NextFrame - 1, log.Oldest, hasSpare);
        try
        {
            _writer.BeginSegment(_frame, 0, _ledger.HighestId);
        }
        catch (StoreFileException problem)
        {
            Warn($"the last batch could not be written again, its old copy is flushed instead: {problem.Message}");
            file.Flush();
            _writer.Resume(log.Newest, log.End, log.NextFrame, log.Oldest, _writer.HasSpare);
            return;
        }

        NoteSegments();
        _ledger.SetEnd(log.Newest, log.InDoubtFrom);
        ApplyFrame(SegmentHeader.SizeBytes + FrameHeader.SizeBytes);
    }

    private void Commit(JobStoreBatch batch)
    {
        _writer.Prepare(batch.HasAdditions, _ledger.HighestId);
        NoteSegments();
        _frame.Clear();
        var budget = Math.Clamp(CleaningRate * (batch.LengthBytes + _freedBytes), CleaningBytesMin, CleaningBytesMax);
        var oldest = _cleaner.Collect(_frame, _writer.Segment, _writer.HasSpare, _writer.RoomBytes, budget);
        _frame.Append(batch.Bytes.Span);
        _writer.Append(_frame, Math.Max(1, oldest), _ledger.HighestId);
        NoteSegments();
        var liveBefore = _ledger.LiveBytes;
        ApplyFrame(_writer.End - _frame.PayloadBytes);
        _freedBytes = Math.Max(0, liveBefore + batch.LengthBytes - _ledger.LiveBytes);
        while (_ledger.Oldest.Number < oldest)
            RemoveOldest();
    }

    /// <summary>Tells the ledger of the frame that is durable now, copies first and then the batch, as a later opening will find them.</summary>
    private void ApplyFrame(long payloadOffset)
    {
        var row = new RecordRow(_frame.Payload);
        while (row.MoveNext())
            _ledger.Apply(row.Current, new RecordPlace(_writer.Segment, (uint)(payloadOffset + row.Start), row.SizeBytes));
    }

    private void RemoveOldest()
    {
        var segment = _ledger.Oldest.Number;
        _ledger.DropOldest();
        _cleaner.StartOver();
        TryDelete(SegmentNames.Of(segment));
    }

    /// <summary>Brings the ledger's list of segments up to date with the writer's.</summary>
    private void NoteSegments()
    {
        while (_writer.Segment > 0 && (_ledger.SegmentCount == 0 || _ledger.Newest < _writer.Segment))
            _ledger.BeginSegment(_ledger.SegmentCount == 0 ? _writer.Segment : _ledger.Newest + 1, 0);
        if (_writer.Segment > 0)
            _ledger.SetEnd(_writer.Segment, _writer.End);
    }

    /// <summary>A spare of an earlier life is space that was reserved before the disk filled up; one that was half made into a segment is emptied.</summary>
    private bool TryKeepSpare()
    {
        if (!_files.List().Contains(SegmentNames.Spare, StringComparer.Ordinal))
            return false;
        using var file = _files.Open(SegmentNames.Spare);
        Span<byte> head = stackalloc byte[SegmentHeader.SizeBytes];
        try
        {
            if (head[..file.Read(0, head)].ContainsAnyExcept((byte)0))
                file.SetLength(0);
            file.Reserve(_options.SegmentBytes);
            return true;
        }
        catch (StoreFileException)
        {
            return false;
        }
    }

    private void RemoveLeftovers(in RecoveredLog log)
    {
        foreach (var name in _files.List())
        {
            if (SegmentNames.TryParse(name, out var segment) && segment < log.Oldest)
                TryDelete(name);
        }
    }

    /// <summary>Segments that were not ended in good order still hold the space that was reserved for them, and perhaps a torn tail.</summary>
    private void GiveBackReserves()
    {
        foreach (var (segment, end) in _ledger.Ends())
        {
            try
            {
                using var file = _files.Open(SegmentNames.Of(segment));
                if (file.LengthBytes > end)
                    file.SetLength(end);
            }
            catch (StoreFileException problem)
            {
                Warn($"space of a finished segment could not be given back, the next opening tries again: {problem.Message}");
            }
        }
    }

    private void TryDelete(string name)
    {
        try
        {
            _files.Delete(name);
        }
        catch (StoreFileException problem)
        {
            Warn($"a segment that is needed no more could not be deleted, the next opening tries again: {problem.Message}");
        }
    }

    private void Release()
    {
        _cleaner.Dispose();
        _writer.Dispose();
        _lock?.Dispose();
        _lock = null;
    }

    private JobStoreException Explain(StoreFileException problem)
        => problem.IsDiskFull
            ? new JobStoreException($"the disk is full: {problem.Message}; {_files.FreeBytes} bytes are free for {_files.Describe("")}, "
                + $"a segment of {_options.SegmentBytes} bytes is needed. Jobs that are queued go on; make room, or raise no new ones", problem)
            : new JobStoreException(problem.Message, problem);

    private void Publish()
        => _status = new(_ledger.JobCount, _ledger.LiveBytes, _ledger.UsedBytes, _ledger.SegmentCount, !_writer.HasSpare);

    private void Warn(string what) => _options.Warn?.Invoke(what);
}
