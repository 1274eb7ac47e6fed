using System.Buffers.Binary;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// The twelve bytes before every packet's body: magic (4), type (big-endian u32), body length in bytes (big-endian u32).
/// Source: PROTOCOL, "Binary Packet".
/// </summary>
public readonly record struct PacketHeader(PacketMagic Magic, PacketType Type, uint BodyLengthBytes)
{
    public const int SizeBytes = 12;

    /// <summary>Reads a header as it stands; whether magic and type are known is the caller's question.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out PacketHeader header)
    {
        header = default;
        if (source.Length < SizeBytes)
            return false;
        header = new PacketHeader(
            (PacketMagic)BinaryPrimitives.ReadUInt32BigEndian(source),
            (PacketType)BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, (uint)Magic);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], (uint)Type);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], BodyLengthBytes);
    }
}
