using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Groups.Core.Frames;

/// <summary>Takes values off a body, little endian. After the first that does not fit everything is zero and <see cref="IsComplete"/> stays false.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _failed;

    /// <summary>Everything fitted, and nothing is left.</summary>
    public readonly bool IsComplete => !_failed && _rest.IsEmpty;

    public readonly bool IsGood => !_failed;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte U8() => Take(1) is { IsEmpty: false } bytes ? bytes[0] : (byte)0;

    public ushort U16() => Take(2) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint U32() => Take(4) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public ulong U64() => Take(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    public long I64() => (long)U64();

    public NodeId Node() => new(U64());

    public MemberId Member() => new(Node(), U32());

    public ClusterId Cluster() => new(U64(), U64());

    public Ballot Ballot() => new(U64(), U32(), Node());

    /// <summary>u16 length, UTF-8.</summary>
    public string Text(int maxBytes)
    {
        var length = U16();
        if (length > maxBytes)
            Fail();
        return Encoding.UTF8.GetString(Take(length));
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (_failed || count < 0 || count > _rest.Length)
        {
            Fail();
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>A value that can't be.</summary>
    public void Fail()
    {
        _failed = true;
        _rest = default;
    }

    public void FailUnless(bool possible)
    {
        if (!possible)
            Fail();
    }
}
