using System.Buffers;

namespace Flotilla.Groups.Core.Frames;

/// <summary>Unsigned numbers in 1 to 10 bytes: seven bits a byte, low ones first, the top bit says that more follow. Only the shortest form is taken.</summary>
internal static class Varint
{
    public const int MaxSizeBytes = 10;

    public static int Write(Span<byte> target, ulong value)
    {
        var at = 0;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        return at;
    }

    public static void Write(IBufferWriter<byte> writer, ulong value) => writer.Advance(Write(writer.GetSpan(MaxSizeBytes), value));

    /// <summary>Takes a number from the head of <paramref name="bytes"/>.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var at = 0; at < bytes.Length && at < MaxSizeBytes; at++)
        {
            var next = bytes[at];
            if (at == MaxSizeBytes - 1 && next > 1)
                return false;
            value |= (ulong)(next & 0x7f) << (7 * at);
            if (next >= 0x80)
                continue;
            bytes = bytes[(at + 1)..];
            return next != 0 || at == 0;
        }

        return false;
    }

    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out uint value)
    {
        var isRead = TryRead(ref bytes, out ulong wide) && wide <= uint.MaxValue;
        value = isRead ? (uint)wide : 0;
        return isRead;
    }
}
