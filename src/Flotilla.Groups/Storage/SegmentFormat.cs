using System.Buffers.Binary;
using System.Globalization;
using Flotilla.Primitives;

namespace Flotilla.Groups.Storage;

/// <summary>
/// A segment's name and first bytes. Little endian: "FLOTGRPL", u32 format, u32 segment number, u64 directory's number, u32 checksum of the last record
/// of the segment before, u32 CRC-32C of all this.
/// </summary>
internal static class SegmentFormat
{
    public const int Version = 1;
    public const int HeaderBytes = 32;

    private const string Prefix = "log-";
    private const string Suffix = ".fgl";

    private static ReadOnlySpan<byte> Magic => "FLOTGRPL"u8;

    public static string NameOf(uint number) => Prefix + number.ToString("D10", CultureInfo.InvariantCulture) + Suffix;

    /// <summary>The number in a segment's name; null for other files.</summary>
    public static uint? NumberOf(string name)
        => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal)
            && uint.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    public static void Write(Span<byte> target, uint number, ulong directory, uint chain)
    {
        Magic.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], directory);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], chain);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], Crc32C.Of(target[..28], 0));
    }

    /// <summary>Whether the header is that of a segment; if not, why. <paramref name="chain"/> is where its records' chain begins.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, uint number, ulong directory, out uint chain, out string why)
    {
        chain = 0;
        why = "";
        if (bytes.Length < HeaderBytes)
            why = $"it has {bytes.Length} bytes, a segment's header {HeaderBytes}";
        else if (!bytes[..8].SequenceEqual(Magic))
            why = "it does not begin as a segment";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) is var version && version > Version)
            why = $"it has format {version}, this program knows up to {Version}: use the newer program";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]) != Crc32C.Of(bytes[..28], 0))
            why = "its header's checksum is wrong";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != number)
            why = "its name has another number than its header";
        else if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) != directory)
            why = "it belongs to another data directory";
        if (why.Length > 0)
            return false;
        chain = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]);
        return true;
    }
}
