using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// Reads what <see cref="LayerWriter"/> wrote, from bytes that may be anything. After the first thing that is wrong everything reads as zero or
/// empty and <see cref="IsGood"/> is false; ask at the end.
/// </summary>
internal ref struct LayerReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool IsGood { get; private set; } = true;

    /// <summary>Good, and everything was read.</summary>
    public readonly bool IsWhole => IsGood && _rest.IsEmpty;

    public byte Byte() => Take(1) is { IsEmpty: false } taken ? taken[0] : (byte)0;

    public bool Flag()
    {
        var value = Byte();
        if (value > 1)
            Fail();
        return value == 1;
    }

    public uint U32() => Take(4) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt32LittleEndian(taken) : 0;

    public ulong U64() => Take(8) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt64LittleEndian(taken) : 0;

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            // The tenth byte holds the 64th bit only; a last byte of zero would be a second spelling of the same number.
            if ((shift == 63 && next > 1) || (shift > 0 && next == 0))
                break;
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        Fail();
        return 0;
    }

    /// <summary>A number of things that follow, each of so many bytes at least.</summary>
    public int Count(int leastBytesEach)
    {
        var count = Varint();
        if (count <= (ulong)(_rest.Length / leastBytesEach))
            return (int)count;
        Fail();
        return 0;
    }

    public MemberId Member() => new(new NodeId(U64()), U32());

    public ReadOnlySpan<byte> Bytes() => Take(Count(1));

    /// <summary>Text of 1 to so many bytes, valid UTF-8.</summary>
    public string Text(int maxBytes, bool mayBeEmpty = false)
    {
        var text = Bytes();
        if (text.Length <= maxBytes && (mayBeEmpty || !text.IsEmpty) && Utf8.IsValid(text))
            return Encoding.UTF8.GetString(text);
        Fail();
        return "";
    }

    public ReadOnlySpan<byte> Rest() => Take(_rest.Length);

    public void Fail()
    {
        IsGood = false;
        _rest = default;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            Fail();
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
