using System.Buffers.Binary;
using System.Numerics;

namespace Flotilla.Primitives;

/// <summary>CRC-32C (Castagnoli), with the processor's instruction where there is one.</summary>
public static class Crc32C
{
    /// <summary>The standard checksum when <paramref name="seed"/> is 0.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint seed)
    {
        var crc = ~seed;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
