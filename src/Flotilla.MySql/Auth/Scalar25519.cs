using System.Buffers.Binary;

namespace Flotilla.MySql.Auth;

/// <summary>Numbers modulo the order of the base point, L = 2^252 + 27742317777372353535851937790883648493; 32 bytes, little endian.</summary>
internal static class Scalar25519
{
    private static readonly ulong[] Order = [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000];

    /// <summary>Any number of bytes modulo L: bit by bit from the top, doubled and subtracted by mask.</summary>
    public static byte[] Reduce(ReadOnlySpan<byte> number)
    {
        Span<ulong> sum = stackalloc ulong[4];
        for (var bit = number.Length * 8 - 1; bit >= 0; bit--)
        {
            Double(sum);
            sum[0] |= (uint)(number[bit >> 3] >> (bit & 7) & 1);
            SubtractOrderIfReached(sum);
        }

        return ToBytes(sum);
    }

    /// <summary>a * b + c modulo L; c is below L.</summary>
    public static byte[] MultiplyAdd(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c)
    {
        Span<ulong> factor = stackalloc ulong[4];
        FromBytes(Reduce(a), factor);
        Span<ulong> sum = stackalloc ulong[4];
        for (var bit = 255; bit >= 0; bit--)
        {
            Double(sum);
            SubtractOrderIfReached(sum);
            AddMasked(sum, factor, 0UL - (ulong)(b[bit >> 3] >> (bit & 7) & 1));
            SubtractOrderIfReached(sum);
        }

        Span<ulong> last = stackalloc ulong[4];
        FromBytes(c, last);
        AddMasked(sum, last, ulong.MaxValue);
        SubtractOrderIfReached(sum);
        return ToBytes(sum);
    }

    private static void Double(Span<ulong> n)
    {
        n[3] = n[3] << 1 | n[2] >> 63;
        n[2] = n[2] << 1 | n[1] >> 63;
        n[1] = n[1] << 1 | n[0] >> 63;
        n[0] <<= 1;
    }

    private static void AddMasked(Span<ulong> n, ReadOnlySpan<ulong> other, ulong mask)
    {
        UInt128 carry = 0;
        for (var i = 0; i < 4; i++)
        {
            carry += (UInt128)n[i] + (other[i] & mask);
            n[i] = (ulong)carry;
            carry >>= 64;
        }
    }

    /// <summary>For n below 2 L: takes L away, and puts it back by mask if that went below zero.</summary>
    private static void SubtractOrderIfReached(Span<ulong> n)
    {
        ulong borrow = 0;
        for (var i = 0; i < 4; i++)
        {
            var difference = (UInt128)n[i] - Order[i] - borrow;
            n[i] = (ulong)difference;
            borrow = (ulong)(difference >> 64) & 1;
        }

        AddMasked(n, Order, 0UL - borrow);
    }

    private static void FromBytes(ReadOnlySpan<byte> bytes, Span<ulong> n)
    {
        for (var i = 0; i < 4; i++)
            n[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
    }

    private static byte[] ToBytes(ReadOnlySpan<ulong> n)
    {
        var bytes = new byte[32];
        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * i), n[i]);
        return bytes;
    }
}
