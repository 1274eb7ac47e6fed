using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>A frame in the making: room for its header, then its payload; kept from commit to commit.</summary>
internal sealed class FrameBuffer
{
    /// <summary>A buffer that one large batch made larger than this is not kept.</summary>
    private const int KeptBytesMax = 16 * 1024 * 1024;

    private const int FirstBytes = 4096;

    private byte[] _bytes = new byte[FirstBytes];
    private int _length = FrameHeader.SizeBytes;

    public int PayloadBytes => _length - FrameHeader.SizeBytes;

    public int LengthBytes => _length;

    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(FrameHeader.SizeBytes, PayloadBytes);

    public void Clear()
    {
        _length = FrameHeader.SizeBytes;
        if (_bytes.Length > KeptBytesMax)
            _bytes = new byte[FirstBytes];
    }

    public void Append(ReadOnlySpan<byte> records)
    {
        var needed = checked(_length + records.Length);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, _bytes.Length * 2L), Array.MaxLength));
        records.CopyTo(_bytes.AsSpan(_length));
        _length = needed;
    }

    /// <summary>The whole frame, ready to be written.</summary>
    public ReadOnlySpan<byte> Seal(ulong number, uint oldest, uint salt, bool isClosing = false)
    {
        var header = new FrameHeader
        {
            PayloadBytes = PayloadBytes,
            Number = number,
            Oldest = oldest,
            IsClosing = isClosing,
            PayloadChecksum = Crc32C.Of(Payload, salt),
        };
        header.Write(_bytes, salt);
        return _bytes.AsSpan(0, _length);
    }
}
