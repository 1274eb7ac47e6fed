using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>Bytes of the group layer: entries, frames, tables. One is used again and again.</summary>
internal sealed class LayerWriter : IBufferWriter<byte>
{
    private byte[] _buffer = new byte[256];
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public LayerWriter Clear()
    {
        // A huge message must not hold its memory for ever.
        if (_buffer.Length > 1 << 20)
            _buffer = new byte[256];
        _length = 0;
        return this;
    }

    public LayerWriter Byte(byte value)
    {
        GetSpan(1)[0] = value;
        _length++;
        return this;
    }

    public LayerWriter U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(GetSpan(4), value);
        _length += 4;
        return this;
    }

    public LayerWriter U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(GetSpan(8), value);
        _length += 8;
        return this;
    }

    public LayerWriter Varint(ulong value)
    {
        var span = GetSpan(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            span[at++] = (byte)(value | 0x80);
        span[at++] = (byte)value;
        _length += at;
        return this;
    }

    public LayerWriter Member(MemberId id) => U64(id.Node.Value).U32(id.Incarnation);

    /// <summary>Length, then the bytes.</summary>
    public LayerWriter Bytes(ReadOnlySpan<byte> value) => Varint((ulong)value.Length).Raw(value);

    public LayerWriter Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)length);
        Encoding.UTF8.GetBytes(value, GetSpan(length));
        _length += length;
        return this;
    }

    public LayerWriter Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(GetSpan(value.Length));
        _length += value.Length;
        return this;
    }

    public void Advance(int count)
    {
        Invariant.Require(count >= 0 && _length + count <= _buffer.Length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _length < Math.Max(count, 1))
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
    }
}
