using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>Reads the frames of one segment one after another, through a buffer, checking each.</summary>
internal sealed class SegmentReader
{
    /// <summary>Many small frames per read; a larger frame makes the buffer grow for as long as the reader lives.</summary>
    private const int BufferBytes = 256 * 1024;

    private readonly IStoreFile _file;
    private readonly uint _salt;
    private readonly long _end;
    private byte[] _buffer = [];
    private int _start;
    private int _filled;
    private int _payload;

    public SegmentReader(IStoreFile file, uint salt, long offset, long end, ulong nextFrame)
    {
        _file = file;
        _salt = salt;
        _end = end;
        Offset = offset;
        NextFrame = nextFrame;
    }

    /// <summary>Where the next frame begins; behind the last whole frame.</summary>
    public long Offset { get; private set; }

    /// <summary>The number that the next frame must have.</summary>
    public ulong NextFrame { get; private set; }

    public FrameHeader Frame { get; private set; }

    /// <summary>The records of <see cref="Frame"/>; borrowed until the next read.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(_payload, Frame.PayloadBytes);

    /// <summary>Where <see cref="Payload"/> begins in the file.</summary>
    public long PayloadOffset { get; private set; }

    public bool IsAtEnd => Offset == _end;

    /// <summary>Moves to the next frame. False at the end, and when what follows is not a whole frame that belongs here.</summary>
    public bool TryNext()
    {
        if (!Fill(FrameHeader.SizeBytes)
            || !FrameHeader.TryRead(_buffer.AsSpan(_start, FrameHeader.SizeBytes), _salt, out var frame)
            || frame.Number != NextFrame
            || !Fill(FrameHeader.SizeBytes + frame.PayloadBytes)
            || !IsPayload(_buffer.AsSpan(_start + FrameHeader.SizeBytes, frame.PayloadBytes), frame, _salt))
            return false;
        _payload = _start + FrameHeader.SizeBytes;
        PayloadOffset = Offset + FrameHeader.SizeBytes;
        _start = _payload + frame.PayloadBytes;
        Offset = PayloadOffset + frame.PayloadBytes;
        Frame = frame;
        NextFrame++;
        return true;
    }

    /// <summary>
    /// Where behind <see cref="Offset"/> a whole later frame begins, or -1: with one, the bytes here are damage to something that was
    /// durable; without, they are a tail that was never finished.
    /// </summary>
    public long FindLaterFrame()
    {
        var rest = new byte[checked((int)(_end - Offset))];
        var bytes = rest.AsSpan(0, _file.Read(Offset, rest));
        ReadOnlySpan<byte> magic = [0x46, 0x52, 0x4D, 0x31];
        for (var at = 1; at < bytes.Length; at++)
        {
            var next = bytes[at..].IndexOf(magic);
            if (next < 0)
                break;
            at += next;
            if (FrameHeader.TryRead(bytes[at..], _salt, out var frame) && frame.Number >= NextFrame
                && bytes.Length - at - FrameHeader.SizeBytes >= frame.PayloadBytes
                && IsPayload(bytes.Slice(at + FrameHeader.SizeBytes, frame.PayloadBytes), frame, _salt))
                return Offset + at;
        }

        return -1;
    }

    /// <summary>Whether anything but zeros lies behind <see cref="Offset"/>.</summary>
    public bool HasTornTail()
    {
        Span<byte> piece = stackalloc byte[4096];
        for (var at = Offset; at < _end; at += piece.Length)
        {
            var count = _file.Read(at, piece[..(int)Math.Min(piece.Length, _end - at)]);
            if (piece[..count].ContainsAnyExcept((byte)0))
                return true;
        }

        return false;
    }

    private static bool IsPayload(ReadOnlySpan<byte> payload, in FrameHeader frame, uint salt)
        => Crc32C.Of(payload, salt) == frame.PayloadChecksum && RecordRow.IsWhole(payload);

    /// <summary>Makes <paramref name="count"/> bytes from <see cref="Offset"/> on lie in the buffer; false when there are not so many.</summary>
    private bool Fill(int count)
    {
        if (_filled - _start >= count)
            return true;
        if (_end - Offset < count)
            return false;
        var kept = _filled - _start;
        var target = _buffer.Length >= count ? _buffer : new byte[Math.Max(count, (int)Math.Min(BufferBytes, _end - Offset))];
        _buffer.AsSpan(_start, kept).CopyTo(target);
        _buffer = target;
        (_start, _filled) = (0, kept);
        var want = (int)Math.Min(_buffer.Length - kept, _end - Offset - kept);
        Invariant.Require(want >= count - kept);
        _filled += _file.Read(Offset + kept, _buffer.AsSpan(kept, want));
        return _filled >= count;
    }
}
