namespace Flotilla.MySql.Auth;

/// <summary>A point of the curve -x^2 + y^2 = 1 + d x^2 y^2 in extended coordinates (RFC 8032, 5.1.4): x = X/Z, y = Y/Z, x y = T/Z.</summary>
internal readonly struct EdwardsPoint(Field25519 x, Field25519 y, Field25519 z, Field25519 t)
{
    private static readonly Field25519 TwoD = FromHex("59f1b226949bd6eb56b183829a14e00030d1f3eef2808e19e7fcdf56dcd90624");

    private readonly Field25519 _x = x;
    private readonly Field25519 _y = y;
    private readonly Field25519 _z = z;
    private readonly Field25519 _t = t;

    /// <summary>y = 4/5, and the x that is even.</summary>
    public static EdwardsPoint Base { get; } = FromAffine(
        FromHex("1ad5258f602d56c9b2a7259560c72c695cdcd6fd31e2a4c0fe536ecdd3366921"),
        FromHex("5866666666666666666666666666666666666666666666666666666666666666"));

    private static EdwardsPoint Neutral => new(Field25519.Zero, Field25519.One, Field25519.One, Field25519.Zero);

    /// <summary>This point so many times: doubled and added for each of 256 bits, the sum kept by mask.</summary>
    public EdwardsPoint Times(ReadOnlySpan<byte> scalar)
    {
        var sum = Neutral;
        for (var bit = 255; bit >= 0; bit--)
        {
            sum = Add(sum, sum);
            var more = Add(sum, this);
            var set = (ulong)(scalar[bit >> 3] >> (bit & 7) & 1);
            sum = new EdwardsPoint(
                Field25519.Select(sum._x, more._x, set),
                Field25519.Select(sum._y, more._y, set),
                Field25519.Select(sum._z, more._z, set),
                Field25519.Select(sum._t, more._t, set));
        }

        return sum;
    }

    /// <summary>y, and the lowest bit of x on top of it.</summary>
    public byte[] Encode()
    {
        var inverse = _z.Invert();
        var bytes = (_y * inverse).ToBytes();
        bytes[31] |= (byte)((_x * inverse).ToBytes()[0] << 7);
        return bytes;
    }

    /// <summary>The RFC's addition, which also doubles.</summary>
    private static EdwardsPoint Add(EdwardsPoint p, EdwardsPoint q)
    {
        var a = (p._y - p._x) * (q._y - q._x);
        var b = (p._y + p._x) * (q._y + q._x);
        var c = p._t * TwoD * q._t;
        var d = p._z * q._z;
        d += d;
        var e = b - a;
        var f = d - c;
        var g = d + c;
        var h = b + a;
        return new EdwardsPoint(e * f, g * h, f * g, e * h);
    }

    private static EdwardsPoint FromAffine(Field25519 x, Field25519 y) => new(x, y, Field25519.One, x * y);

    private static Field25519 FromHex(string littleEndian) => Field25519.FromBytes(Convert.FromHexString(littleEndian));
}
