using System.Buffers.Binary;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>The first bytes of a segment file; layout in docs/design/job-stores.md.</summary>
internal readonly record struct SegmentHeader
{
    public const int SizeBytes = 64;

    public const uint CurrentVersion = 1;

    /// <summary><c>FlotJobs</c> as a little-endian number.</summary>
    private const ulong Magic = 0x73626F4A746F6C46;

    private const int ChecksumAt = SizeBytes - sizeof(uint);

    public uint Version { get; init; }

    public uint Segment { get; init; }

    public uint Salt { get; init; }

    public uint Oldest { get; init; }

    public ulong FirstFrame { get; init; }

    public long PreviousEnd { get; init; }

    public ulong HighestId { get; init; }

    public void Write(Span<byte> target)
    {
        target[..SizeBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], Oldest);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], FirstFrame);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], PreviousEnd);
        BinaryPrimitives.WriteUInt64LittleEndian(target[40..], HighestId);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumAt..], Crc32C.Of(target[..ChecksumAt], Salt));
    }

    /// <summary>Null when all is well, else what is wrong, as the end of a sentence that begins with the file's name.</summary>
    public static string? TryRead(ReadOnlySpan<byte> bytes, uint expectedSegment, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < SizeBytes)
            return $"is too short to be a segment ({bytes.Length} bytes)";
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            return "is damaged at byte 0: it does not begin as a segment does";
        header = new SegmentHeader
        {
            Version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            Segment = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            Salt = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            Oldest = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            FirstFrame = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            PreviousEnd = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            HighestId = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
        };
        if (header.Version > CurrentVersion)
            return $"was written by a newer version of this program (format {header.Version}, this one reads up to {CurrentVersion})";
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Crc32C.Of(bytes[..ChecksumAt], header.Salt))
            return "is damaged at byte 0: the checksum of its header is wrong";
        if (header.Segment != expectedSegment)
            return $"says that it is segment {header.Segment}: it was renamed or copied";
        return header.Oldest > header.Segment ? "is damaged at byte 20: its oldest segment is newer than itself" : null;
    }
}
