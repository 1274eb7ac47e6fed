using System.Runtime.CompilerServices;
using Flotilla.Disk;
using Flotilla.Groups.Core;
using Flotilla.Primitives;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.Groups.Storage;

/// <summary>
/// The records of a node, on disk. <see cref="Append"/>, <see cref="Write"/> and <see cref="Dispose"/> are for the node's thread; a thread of its own flushes,
/// all that was written meanwhile with one call. After a failure nothing more is taken: the log on disk is then exactly what was acknowledged, or more.
/// </summary>
internal sealed class NodeLog : INodeStore
{
    private const int KeptBufferBytes = 4 << 20;

    private readonly NodeDirectory _directory;
    private readonly StorageOptions _options;
    private readonly Action _onProgress;
    private readonly CarriedRecords _carried = new();
    private readonly List<SegmentUse> _closed = [];
    private readonly LogFlusher _flusher;
    private byte[] _buffer = new byte[64 << 10];
    private int _buffered;
    private SegmentUse _use = null!;
    private SafeFileHandle _file = null!;
    private long _length;
    private long _unflushed;
    private uint _chain;
    private ulong _appended;
    private ulong _written;
    private ulong _pruned;
    private ulong _pruneTicket;
    private ulong _installedTicket;
    private bool _isUrgent;
    private bool _isBootRecorded;
    private long _flushAskedNs;
    private string? _failure;

    private NodeLog(NodeDirectory directory, StorageOptions options, Action onProgress)
    {
        _directory = directory;
        _options = options;
        _onProgress = onProgress;
        _isBootRecorded = directory.IsSameBoot;
        _flusher = new LogFlusher(onProgress);
    }

    public bool IsSameBoot => _directory.IsSameBoot;

    public ulong FlushedTicket => _flusher.FlushedTicket;

    public string? Failure => _failure ?? _flusher.Failure;

    public bool HasPending => _buffered > 0;

    /// <summary>What was cut off at the end of the log when it was opened.</summary>
    public IReadOnlyList<string> Reports { get; private set; } = [];

    /// <summary>
    /// Opens or makes a directory and reads all records back. Throws <see cref="StorageException"/>. <paramref name="onProgress"/> is called on the flushing
    /// thread when <see cref="FlushedTicket"/> or <see cref="Failure"/> changed.
    /// </summary>
    public static NodeLog Open(string path, StorageOptions options, RecordSink sink, Action onProgress)
    {
        var directory = NodeDirectory.Open(path);
        var log = new NodeLog(directory, options, onProgress);
        try
        {
            if (directory.IsFresh)
                log.Begin();
            else
                log.Recover(sink);
            log._flusher.Start(log._file);
            return log;
        }
        catch (Exception problem)
        {
            log._file?.Dispose();
            directory.Dispose();
            if (problem is IOException or UnauthorizedAccessException)
                throw new StorageException($"can't use {path} as data directory: {problem.Message}", problem);
            throw;
        }
    }

    public ulong Append(in PersistRecord record)
    {
        _appended++;
        if (Failure is not null)
            return _appended;
        _carried.Note(record);
        _use.Note(record, isCarried: false);
        Encode(record, isCarried: false);
        _isUrgent |= record.IsUrgent;
        if (record.Kind == PersistRecordKind.Installed)
            _installedTicket = _appended;
        if (record.Kind == PersistRecordKind.Prune && record.Sequence > _pruned)
            (_pruned, _pruneTicket) = (record.Sequence, _appended);
        return _appended;
    }

    public ulong Write(long nowNs)
    {
        if (_buffered > 0 && Failure is null)
            WriteBuffer();
        if (Failure is not null)
            return _written;
        if (_isUrgent || (_written > _flusher.AskedTicket && (_unflushed >= _options.FlushBytes || nowNs - _flushAskedNs > _options.FlushEvery.TotalNanoseconds)))
        {
            _isUrgent = false;
            _unflushed = 0;
            _flushAskedNs = nowNs;
            _flusher.Ask(_written, _length);
        }

        Maintain();
        return _written;
    }

    /// <summary>Flushes what was written, and lets go of the directory.</summary>
    public void Dispose()
    {
        if (_buffered > 0 && Failure is null)
            WriteBuffer();
        if (Failure is null)
            _flusher.Ask(_written, _length);
        _flusher.Dispose();
        if (Failure is null && !_isBootRecorded && _installedTicket != 0)
            RecordBoot();
        _file.Dispose();
        _directory.Dispose();
    }

    private void Begin()
    {
        _use = new SegmentUse(1);
        _file = Create(1, 0);
        RandomAccess.FlushToDisk(_file);
        DiskCalls.FlushFolder(_directory.Path);
        _directory.Complete();
    }

    private void Recover(RecordSink sink)
    {
        var recovery = new LogRecovery(_directory);
        recovery.Run((in record) =>
        {
            _carried.Note(record);
            if (record.Kind == PersistRecordKind.Prune)
                _pruned = Math.Max(_pruned, record.Sequence);
            sink(record);
        });
        Reports = recovery.Reports;
        _closed.AddRange(recovery.Segments);
        _use = _closed[^1];
        _closed.RemoveAt(_closed.Count - 1);
        _length = recovery.EndOffset;
        _chain = recovery.Chain;
        _file = File.OpenHandle(_directory.PathOf(SegmentFormat.NameOf(_use.Number)), FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        // What a killed process had written but not flushed counts as acknowledged: let the first flush cover it.
        RandomAccess.FlushToDisk(_file);
    }

    private void WriteBuffer()
    {
        try
        {
            RandomAccess.Write(_file, _buffer.AsSpan(0, _buffered), _length);
            _length += _buffered;
            _unflushed += _buffered;
            _written = _appended;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _failure = $"can't write {_directory.PathOf(SegmentFormat.NameOf(_use.Number))}: {problem.Message}";
            TryCutBack();
        }

        _buffered = 0;
        if (_buffer.Length > KeptBufferBytes)
            _buffer = new byte[64 << 10];
    }

    /// <summary>Part of the records may be there: better no part than one that looks torn. If that fails, the next start cuts it.</summary>
    private void TryCutBack()
    {
        try
        {
            RandomAccess.SetLength(_file, _length);
        }
        catch (IOException)
        {
            // The first failure says it all.
        }
    }

    private void Maintain()
    {
        if (!_isBootRecorded && _installedTicket != 0 && _flusher.FlushedTicket >= _installedTicket)
            RecordBoot();
        if (_pruneTicket != 0 && _flusher.FlushedTicket >= _pruneTicket)
            DropCovered();
        if (_length > _options.SegmentBytes && _buffered == 0)
            Roll();
    }

    private void RecordBoot()
    {
        _isBootRecorded = true;
        Try("write", "boot", _directory.RecordBoot);
    }

    private void DropCovered()
    {
        _pruneTicket = 0;
        while (_closed.Count > 0 && _closed[0].IsCoveredBy(_pruned))
        {
            var path = _directory.PathOf(SegmentFormat.NameOf(_closed[0].Number));
            _closed.RemoveAt(0);
            Try("delete", path, () => File.Delete(path));
        }
    }

    private void Roll()
    {
        var number = _use.Number + 1;
        Try("create", SegmentFormat.NameOf(number), () =>
        {
            var file = Create(number, _chain);
            _closed.Add(_use);
            _use = new SegmentUse(number);
            _flusher.Replace(file, _directory.Path);
            _file = file;
            _carried.WriteTo((in record) => Encode(record, isCarried: true));
        });
        if (_failure is null)
            WriteBuffer();
    }

    private SafeFileHandle Create(uint number, uint chain)
    {
        var file = File.OpenHandle(_directory.PathOf(SegmentFormat.NameOf(number)), FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        Span<byte> header = stackalloc byte[SegmentFormat.HeaderBytes];
        SegmentFormat.Write(header, number, _directory.Number, chain);
        RandomAccess.Write(file, header, 0);
        _length = header.Length;
        _chain = chain;
        return file;
    }

    private void Try(string what, string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _failure = $"can't {what} {path}: {problem.Message}";
            _onProgress();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Encode(in PersistRecord record, bool isCarried)
    {
        Invariant.Require(record.Body.Length <= RecordHeader.MaxBodyBytes);
        var size = RecordHeader.SizeBytes + record.Body.Length;
        if (_buffer.Length - _buffered < size)
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(_buffer.Length * 2L, _buffered + (long)size)));
        _chain = RecordHeader.Write(_buffer.AsSpan(_buffered, size), record, isCarried, _chain, (uint)_flusher.FlushedOffset);
        _buffered += size;
    }
}
