using System.Buffers.Binary;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>What precedes every batch of records in a segment; layout in docs/design/job-stores.md.</summary>
internal readonly record struct FrameHeader
{
    public const int SizeBytes = 32;

    /// <summary>A frame is one write and is checked in one piece; a batch is far smaller, a single job of the largest packet fits.</summary>
    public const int PayloadBytesMax = 1 << 30;

    /// <summary><c>FRM1</c> as a little-endian number.</summary>
    public const uint Magic = 0x314D5246;

    private const uint ClosingFlag = 1;
    private const int ChecksumAt = SizeBytes - sizeof(uint);

    public int PayloadBytes { get; init; }

    public ulong Number { get; init; }

    public uint Oldest { get; init; }

    /// <summary>The store was closed in good order behind this frame.</summary>
    public bool IsClosing { get; init; }

    public uint PayloadChecksum { get; init; }

    public void Write(Span<byte> target, uint salt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], PayloadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Number);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Oldest);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], IsClosing ? ClosingFlag : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], PayloadChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumAt..], Crc32C.Of(target[..ChecksumAt], salt));
    }

    /// <summary>False when these bytes are no frame header of a segment with this salt.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, uint salt, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < SizeBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Crc32C.Of(bytes[..ChecksumAt], salt))
            return false;
        header = new FrameHeader
        {
            PayloadBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            Number = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            Oldest = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            IsClosing = (BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]) & ClosingFlag) != 0,
            PayloadChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
        };
        return header.PayloadBytes is >= 0 and <= PayloadBytesMax;
    }
}
