using System.Buffers.Binary;
using System.Numerics;

namespace Flotilla.Groups.Core.Layer;

/// <summary>CRC-32C, carried on from one piece to the next; begins with 0.</summary>
internal static class Checksum
{
    public static uint Continue(uint before, ReadOnlySpan<byte> bytes)
    {
        var crc = ~before;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
