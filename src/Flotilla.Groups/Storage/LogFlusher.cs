using Flotilla.Disk;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.Groups.Storage;

/// <summary>A thread that flushes what was written, as often as somebody asks and never twice at once: many that ask meanwhile share one flush.</summary>
internal sealed class LogFlusher(Action onProgress) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<SafeFileHandle> _closing = [];
    private SafeFileHandle _file = null!;
    private Thread? _thread;
    private string? _folder;
    private ulong _asked;
    private long _askedOffset;
    private ulong _flushed;
    private long _flushedOffset;
    private bool _isStopping;
    private volatile string? _failure;

    /// <summary>Everything to this ticket was flushed.</summary>
    public ulong FlushedTicket => Volatile.Read(ref _flushed);

    /// <summary>Everything before this position of the current segment was flushed, and all segments before it.</summary>
    public long FlushedOffset => Volatile.Read(ref _flushedOffset);

    /// <summary>For the node's thread.</summary>
    public ulong AskedTicket => _asked;

    public string? Failure => _failure;

    public void Start(SafeFileHandle file)
    {
        _file = file;
        _thread = new Thread(Run) { IsBackground = true, Name = "groups-flush" };
        _thread.Start();
    }

    public void Ask(ulong ticket, long offset)
    {
        lock (_lock)
        {
            _asked = ticket;
            _askedOffset = offset;
        }

        _wake.Set();
    }

    /// <summary>The next records go to another file. The old one is flushed before the new one counts as flushed, and then closed.</summary>
    public void Replace(SafeFileHandle file, string folder)
    {
        lock (_lock)
        {
            _closing.Add(_file);
            _file = file;
            _folder = folder;
            _askedOffset = 0;
            Volatile.Write(ref _flushedOffset, 0);
        }
    }

    /// <summary>Flushes what was asked for, and ends.</summary>
    public void Dispose()
    {
        lock (_lock)
            _isStopping = true;
        _wake.Set();
        _thread?.Join();
        foreach (var file in _closing)
            file.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            while (FlushOnce())
            {
            }
        }
        catch (Exception problem)
        {
            // After a failed flush nobody knows what the kernel still holds: what was not flushed before is not promised any more.
            _failure = $"can't flush the log: {problem.Message}";
        }

        onProgress();
    }

    private bool FlushOnce()
    {
        ulong ticket;
        long offset;
        SafeFileHandle file;
        SafeFileHandle[] closing;
        string? folder;
        bool isStopping;
        lock (_lock)
        {
            (ticket, offset, file, folder, isStopping) = (_asked, _askedOffset, _file, _folder, _isStopping);
            closing = [.. _closing];
            _folder = null;
        }

        if (ticket == _flushed)
        {
            if (isStopping)
                return false;
            _wake.WaitOne();
            return true;
        }

        foreach (var old in closing)
            DiskCalls.FlushData(old);
        DiskCalls.FlushData(file);
        if (folder is not null)
            DiskCalls.FlushFolder(folder);
        lock (_lock)
        {
            _closing.RemoveRange(0, closing.Length);
            if (ReferenceEquals(file, _file))
                Volatile.Write(ref _flushedOffset, offset);
        }

        foreach (var old in closing)
            old.Dispose();
        Volatile.Write(ref _flushed, ticket);
        onProgress();
        return true;
    }
}
