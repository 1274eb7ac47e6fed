using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>
/// Appends frames to the newest segment, begins new ones, and keeps a reserved spare in hand. After a write or a flush failed, a
/// segment is never touched again: the next one begins with the news where the good part of it ends.
/// </summary>
internal sealed class SegmentWriter(IStoreFiles files, SeededRandom salts, int segmentBytes, Action<string> warn) : IDisposable
{
    private IStoreFile? _file;
    private uint _salt;
    private long _capacity;
    private ulong _nextFrame = 1;
    private uint _oldest = 1;
    private bool _hasSpare;
    private bool _warnedOfSpare;

    /// <summary>The newest segment; 0 before the first.</summary>
    public uint Segment { get; private set; }

    /// <summary>Where its durable frames end.</summary>
    public long End { get; private set; }

    /// <summary>A frame failed behind <see cref="End"/> and no newer segment says so yet: it might be found by a later opening.</summary>
    public bool HasUncertainTail { get; private set; }

    /// <summary>There is space for one more segment whatever happens; without it only what ends or changes jobs is taken.</summary>
    public bool HasSpare => _hasSpare;

    /// <summary>What the current segment has left.</summary>
    public long RoomBytes => _file is null ? 0 : _capacity - End;

    /// <summary>Goes on where an opening found the log's end.</summary>
    public void Resume(uint segment, long end, ulong nextFrame, uint oldest, bool hasSpare)
    {
        _oldest = oldest;
        Segment = segment;
        End = end;
        _nextFrame = nextFrame;
        _hasSpare = hasSpare;
    }

    /// <summary>
    /// Makes sure that a commit can be tried: cuts off what failed before, and for additions has a spare. Throws
    /// <see cref="StoreFileException"/> when it can't; nothing was written then.
    /// </summary>
    public void Prepare(bool forAdditions, ulong highestId)
    {
        if (HasUncertainTail)
            BeginSegment(null, 0, highestId);
        if (forAdditions && !_hasSpare)
            MakeSpare();
    }

    /// <summary>Makes the frame durable as a whole; from then on <paramref name="oldest"/> is the first segment needed. Throws <see cref="StoreFileException"/>; the frame is then cut off if that is possible.</summary>
    public void Append(FrameBuffer frame, uint oldest, ulong highestId, bool isClosing = false)
    {
        Invariant.Require(!HasUncertainTail && frame.PayloadBytes <= FrameHeader.PayloadBytesMax);
        if (RoomBytes < frame.LengthBytes)
            BeginSegment(null, frame.LengthBytes, highestId);
        Invariant.Require(_file is not null);
        try
        {
            _file.Write(End, frame.Seal(_nextFrame, oldest, _salt, isClosing));
            _file.Flush();
        }
        catch (StoreFileException)
        {
            Abandon(highestId);
            throw;
        }

        End += frame.LengthBytes;
        _nextFrame++;
        _oldest = oldest;
    }

    /// <summary>
    /// Begins a new segment that ends the one before at <see cref="End"/>. With <paramref name="first"/> it appears together with that
    /// frame, or not at all.
    /// </summary>
    public void BeginSegment(FrameBuffer? first, int roomBytes, ulong highestId)
    {
        CloseCurrent();
        var firstBytes = first?.LengthBytes ?? 0;
        var file = ReserveNext(SegmentHeader.SizeBytes + (long)firstBytes + roomBytes, out var size);
        try
        {
            var header = new SegmentHeader
            {
                Version = SegmentHeader.CurrentVersion,
                Segment = Segment + 1,
                Salt = (uint)salts.NextUInt64(),
                Oldest = _oldest,
                FirstFrame = _nextFrame,
                PreviousEnd = End,
                HighestId = highestId,
            };
            var head = new byte[SegmentHeader.SizeBytes];
            header.Write(head);
            file.Write(0, head);
            if (first is not null)
                file.Write(head.Length, first.Seal(_nextFrame, _oldest, header.Salt));
            file.Flush();
            _hasSpare = false;
            files.Rename(SegmentNames.Spare, SegmentNames.Of(header.Segment));
            files.FlushFolder();
            _salt = header.Salt;
        }
        catch (StoreFileException)
        {
            _hasSpare = false;
            file.Dispose();
            throw;
        }

        _file = file;
        _capacity = size;
        Segment++;
        End = SegmentHeader.SizeBytes + firstBytes;
        _nextFrame += first is null ? 0u : 1u;
        HasUncertainTail = false;
        TryMakeSpare();
    }

    /// <summary>Reserves the space for one more segment, at opening and whenever there is none.</summary>
    public void TryMakeSpare()
    {
        try
        {
            MakeSpare();
        }
        catch (StoreFileException problem)
        {
            if (!_warnedOfSpare)
                warn($"no space could be reserved for the next segment, new jobs will be refused: {problem.Message}");
            _warnedOfSpare = true;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void MakeSpare()
    {
        if (_hasSpare)
            return;
        using var file = files.Create(SegmentNames.Spare);
        try
        {
            file.Reserve(segmentBytes);
        }
        catch (StoreFileException)
        {
            TryShrink(file, 0);
            throw;
        }

        _hasSpare = true;
        _warnedOfSpare = false;
    }

    /// <summary>The spare, or on a disk that has no room for a whole segment a smaller one, down to what is needed now.</summary>
    private IStoreFile ReserveNext(long neededBytes, out long size)
    {
        var file = _hasSpare ? files.Open(SegmentNames.Spare) : files.Create(SegmentNames.Spare);
        for (size = Math.Max(segmentBytes, neededBytes); ; size = Math.Max(neededBytes, size / 2))
        {
            try
            {
                file.Reserve(size);
                return file;
            }
            catch (StoreFileException problem)
            {
                TryShrink(file, _hasSpare ? segmentBytes : 0);
                if (problem.IsDiskFull && size > neededBytes)
                    continue;
                file.Dispose();
                throw;
            }
        }
    }

    /// <summary>Leaves the segment after a frame in it failed, and has the failure cut off before anyone is told of it.</summary>
    private void Abandon(ulong highestId)
    {
        Dispose();
        HasUncertainTail = true;
        try
        {
            BeginSegment(null, 0, highestId);
        }
        catch (StoreFileException problem)
        {
            warn($"a batch that could not be written could not be cut off either, this is tried again with the next one: {problem.Message}");
        }
    }

    private void CloseCurrent()
    {
        if (_file is null)
            return;
        TryShrink(_file, End);
        Dispose();
    }

    /// <summary>Gives unused space back; when that fails it is given back by a later opening.</summary>
    private static void TryShrink(IStoreFile file, long size)
    {
        try
        {
            file.SetLength(size);
        }
        catch (StoreFileException)
        {
            // Space that stays reserved harms nobody: the end of a segment is not the end of its file.
        }
    }
}
