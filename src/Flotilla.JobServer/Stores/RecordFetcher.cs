using System.Buffers.Binary;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Stores;

/// <summary>Reads single records by their places, through a window per segment: places come nearly in the order of each file.</summary>
internal sealed class RecordFetcher(IStoreFiles files) : IDisposable
{
    /// <summary>Bounds memory and open files; jobs in order of their ids rarely jump between more segments.</summary>
    private const int WindowsMax = 32;

    private const int WindowBytes = 128 * 1024;

    private readonly Dictionary<uint, Window> _windows = [];

    /// <summary>The record at a place; borrowed until the next call.</summary>
    public StoredRecord Fetch(in RecordPlace place)
    {
        if (!_windows.TryGetValue(place.Segment, out var window))
        {
            if (_windows.Count == WindowsMax)
                Evict();
            _windows[place.Segment] = window = new Window(files.Open(SegmentNames.Of(place.Segment)));
        }

        var bytes = window.At(place.Offset, place.SizeBytes);
        if (bytes.Length != place.SizeBytes || BinaryPrimitives.ReadInt32LittleEndian(bytes) != place.SizeBytes - sizeof(int)
            || !RecordCodec.TryRead(bytes[sizeof(int)..], out var record))
            throw new JobStoreException($"{files.Describe(SegmentNames.Of(place.Segment))} changed at byte {place.Offset} while it was read");
        return record;
    }

    public void Dispose()
    {
        foreach (var window in _windows.Values)
            window.File.Dispose();
        _windows.Clear();
    }

    private void Evict()
    {
        var victim = _windows.Keys.Min();
        _windows[victim].File.Dispose();
        _windows.Remove(victim);
    }

    private sealed class Window(IStoreFile file)
    {
        private byte[] _bytes = [];
        private long _start;
        private int _filled;

        public IStoreFile File { get; } = file;

        public ReadOnlySpan<byte> At(long offset, int size)
        {
            if (offset < _start || offset + size > _start + _filled)
            {
                if (_bytes.Length < size)
                    _bytes = new byte[Math.Max(size, (int)Math.Min(WindowBytes, File.LengthBytes))];
                _start = offset;
                _filled = File.Read(offset, _bytes);
            }

            var at = (int)(offset - _start);
            return _bytes.AsSpan(at, Math.Min(size, _filled - at));
        }
    }
}
