using System.Buffers.Binary;

namespace Flotilla.MySql.Auth;

/// <summary>A number modulo 2^255 - 19 in five parts of 51 bits, each a little above that between operations.</summary>
internal readonly struct Field25519
{
    private const ulong Mask = (1UL << 51) - 1;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;
    private readonly ulong _e;

    private Field25519(ulong a, ulong b, ulong c, ulong d, ulong e)
    {
        // One round of carries: parts end below 2^51 + 2^18 whatever came in.
        b += a >> 51;
        c += b >> 51;
        d += c >> 51;
        e += d >> 51;
        _a = (a & Mask) + 19 * (e >> 51);
        _b = b & Mask;
        _c = c & Mask;
        _d = d & Mask;
        _e = e & Mask;
    }

    public static Field25519 Zero => default;

    public static Field25519 One => new(1, 0, 0, 0, 0);

    /// <summary>From 32 bytes, little endian; the top bit is left out.</summary>
    public static Field25519 FromBytes(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> word = stackalloc ulong[4];
        for (var i = 0; i < 4; i++)
            word[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
        return new Field25519(
            word[0] & Mask,
            (word[0] >> 51 | word[1] << 13) & Mask,
            (word[1] >> 38 | word[2] << 26) & Mask,
            (word[2] >> 25 | word[3] << 39) & Mask,
            word[3] >> 12 & Mask);
    }

    public static Field25519 operator +(Field25519 x, Field25519 y)
        => new(x._a + y._a, x._b + y._b, x._c + y._c, x._d + y._d, x._e + y._e);

    /// <summary>Four times the modulus is added first, so that no part goes below zero.</summary>
    public static Field25519 operator -(Field25519 x, Field25519 y)
    {
        const ulong lowest = 4 * (Mask - 18);
        const ulong others = 4 * Mask;
        return new(x._a + lowest - y._a, x._b + others - y._b, x._c + others - y._c, x._d + others - y._d, x._e + others - y._e);
    }

    public static Field25519 operator *(Field25519 x, Field25519 y)
    {
        // What overflows 2^255 comes back 19 times.
        ulong b19 = 19 * y._b, c19 = 19 * y._c, d19 = 19 * y._d, e19 = 19 * y._e;
        var a = Product(x._a, y._a) + Product(x._b, e19) + Product(x._c, d19) + Product(x._d, c19) + Product(x._e, b19);
        var b = Product(x._a, y._b) + Product(x._b, y._a) + Product(x._c, e19) + Product(x._d, d19) + Product(x._e, c19);
        var c = Product(x._a, y._c) + Product(x._b, y._b) + Product(x._c, y._a) + Product(x._d, e19) + Product(x._e, d19);
        var d = Product(x._a, y._d) + Product(x._b, y._c) + Product(x._c, y._b) + Product(x._d, y._a) + Product(x._e, e19);
        var e = Product(x._a, y._e) + Product(x._b, y._d) + Product(x._c, y._c) + Product(x._d, y._b) + Product(x._e, y._a);
        b += a >> 51;
        c += b >> 51;
        d += c >> 51;
        e += d >> 51;
        var over = (UInt128)((ulong)a & Mask) + 19 * (e >> 51);
        return new((ulong)over & Mask, ((ulong)b & Mask) + (ulong)(over >> 51), (ulong)c & Mask, (ulong)d & Mask, (ulong)e & Mask);
    }

    /// <summary>To the power of the modulus less two, which inverts.</summary>
    public Field25519 Invert()
    {
        // 2^255 - 21: all bits set but bits 2 and 4.
        var result = One;
        for (var bit = 254; bit >= 0; bit--)
        {
            result *= result;
            if (bit is not (2 or 4))
                result *= this;
        }

        return result;
    }

    /// <summary>One of two, without a branch.</summary>
    public static Field25519 Select(Field25519 ifZero, Field25519 ifOne, ulong bit)
    {
        var mask = 0UL - bit;
        return new(
            ifZero._a ^ (mask & (ifZero._a ^ ifOne._a)),
            ifZero._b ^ (mask & (ifZero._b ^ ifOne._b)),
            ifZero._c ^ (mask & (ifZero._c ^ ifOne._c)),
            ifZero._d ^ (mask & (ifZero._d ^ ifOne._d)),
            ifZero._e ^ (mask & (ifZero._e ^ ifOne._e)));
    }

    /// <summary>The one form below the modulus.</summary>
    public byte[] ToBytes()
    {
        // Adding 19 overflows 2^255 exactly when the number is not below the modulus; then 19 stays added and the overflow goes.
        var n = new Field25519(_a, _b, _c, _d, _e);
        var over = (n._a + 19) >> 51;
        over = (n._b + over) >> 51;
        over = (n._c + over) >> 51;
        over = (n._d + over) >> 51;
        over = (n._e + over) >> 51;
        var a = n._a + 19 * over;
        var b = n._b + (a >> 51);
        var c = n._c + (b >> 51);
        var d = n._d + (c >> 51);
        var e = n._e + (d >> 51);
        a &= Mask;
        b &= Mask;
        c &= Mask;
        d &= Mask;
        e &= Mask;
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, a | b << 51);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), b >> 13 | c << 38);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), c >> 26 | d << 25);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), d >> 39 | e << 12);
        return bytes;
    }

    private static UInt128 Product(ulong x, ulong y)
    {
        var high = Math.BigMul(x, y, out ulong low);
        return new UInt128(high, low);
    }
}
