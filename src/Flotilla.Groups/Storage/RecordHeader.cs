using System.Buffers.Binary;
using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Groups.Storage;

/// <summary>
/// What stands before each record's body. Little endian: u32 length of the body, u32 CRC-32C of everything else in header and body, u32 checksum of the
/// record before (the chain), u8 kind (bit 7: a copy carried over from an older segment), "FGR", u64 sequence or epoch, u32 position in this segment up
/// to which all was known to be flushed when this was written.
/// </summary>
internal readonly record struct RecordHeader(int BodyBytes, uint Checksum, uint Previous, PersistRecordKind Kind, bool IsCarried, ulong Sequence, uint FlushedTo)
{
    public const int SizeBytes = 28;

    /// <summary>Longest body: a message of the largest size and what is around it.</summary>
    public const int MaxBodyBytes = (256 << 20) + (64 << 10);

    private const byte CarriedFlag = 0x80;
    private const int ChecksumEnd = 8;
    private const int KindOffset = 12;

    /// <summary>Every header has this 13 bytes after its begin.</summary>
    public static ReadOnlySpan<byte> Mark => "FGR"u8;

    public const int MarkOffset = 13;

    public int TotalBytes => SizeBytes + BodyBytes;

    /// <summary>Writes header and body into a span of their exact length; returns the checksum, which the next record's chain needs.</summary>
    public static uint Write(Span<byte> target, in PersistRecord record, bool isCarried, uint previous, uint flushedTo)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, record.Body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], previous);
        target[KindOffset] = (byte)((byte)record.Kind | (isCarried ? CarriedFlag : 0));
        Mark.CopyTo(target[MarkOffset..]);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], record.Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], flushedTo);
        record.Body.CopyTo(target[SizeBytes..]);
        var checksum = ChecksumOf(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], checksum);
        return checksum;
    }

    /// <summary>Reads the record at the head of the bytes; null, and why, when there is no whole and intact one.</summary>
    public static RecordHeader? Read(ReadOnlySpan<byte> bytes, out string why)
    {
        why = "";
        if (bytes.Length < SizeBytes)
        {
            why = $"{bytes.Length} bytes are left, a header has {SizeBytes}";
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (!bytes.Slice(MarkOffset, Mark.Length).SequenceEqual(Mark))
            why = "there is no mark";
        else if (length is < 0 or > MaxBodyBytes)
            why = $"its length is {length}";
        else if (length > bytes.Length - SizeBytes)
            why = $"{bytes.Length - SizeBytes} bytes are left, its body has {length}";
        else if (ChecksumOf(bytes[..(SizeBytes + length)]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]))
            why = "its checksum is wrong";
        if (why.Length > 0)
            return null;
        var kind = bytes[KindOffset];
        return new RecordHeader(
            length,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            (PersistRecordKind)(kind & ~CarriedFlag),
            (kind & CarriedFlag) != 0,
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
    }

    private static uint ChecksumOf(ReadOnlySpan<byte> record) => Crc32C.Of(record[ChecksumEnd..], Crc32C.Of(record[..4], 0));
}
