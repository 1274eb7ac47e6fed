using System.Buffers.Binary;

namespace Flotilla.Simulation.Groups;

/// <summary>A group's state as bytes: hash, count, position, and something to carry.</summary>
internal sealed class SimCheckpoint(ulong correlation, byte[] bytes)
{
    public const int HeaderSizeBytes = 32;

    public ulong Correlation { get; } = correlation;

    public byte[] Bytes { get; } = bytes;

    public int SentBytes { get; set; }

    public static byte[] Make(ulong hash, ulong count, ulong sequence, int sizeBytes)
    {
        var bytes = new byte[HeaderSizeBytes + sizeBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), count);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), (ulong)sizeBytes);
        for (var i = HeaderSizeBytes; i < bytes.Length; i++)
            bytes[i] = Filler(hash, i);
        return bytes;
    }

    /// <summary>False for bytes that are no checkpoint, or a torn one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ulong hash, out ulong count, out ulong sequence)
    {
        (hash, count, sequence) = (0, 0, 0);
        if (bytes.Length < HeaderSizeBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]) != (ulong)(bytes.Length - HeaderSizeBytes))
            return false;
        hash = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        count = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        sequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        for (var i = HeaderSizeBytes; i < bytes.Length; i++)
        {
            if (bytes[i] != Filler(hash, i))
                return false;
        }

        return true;
    }

    private static byte Filler(ulong hash, int at) => (byte)((hash >> (at & 31)) + (ulong)at);
}
