using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Groups.Core.Frames;

/// <summary>Puts a body together in memory that is used again for the next one. Little endian.</summary>
internal sealed class FrameBuilder
{
    private byte[] _bytes = new byte[512];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Body => _bytes.AsSpan(0, Length);

    public FrameBuilder Clear()
    {
        Length = 0;
        return this;
    }

    public FrameBuilder U8(byte value)
    {
        Room(1)[0] = value;
        return this;
    }

    public FrameBuilder U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Room(2), value);
        return this;
    }

    public FrameBuilder U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);
        return this;
    }

    public FrameBuilder U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        return this;
    }

    public FrameBuilder I64(long value) => U64((ulong)value);

    public FrameBuilder Node(NodeId id) => U64(id.Value);

    public FrameBuilder Member(MemberId id) => Node(id.Node).U32(id.Incarnation);

    public FrameBuilder Cluster(ClusterId id) => U64(id.High).U64(id.Low);

    public FrameBuilder Ballot(Ballot ballot) => U64(ballot.Epoch).U32(ballot.Round).Node(ballot.Proposer);

    public FrameBuilder Text(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        U16((ushort)count);
        Encoding.UTF8.GetBytes(text, Room(count));
        return this;
    }

    public FrameBuilder Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        return this;
    }

    /// <summary>Writes a value over one that was written before.</summary>
    public void Patch(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(at, 8), value);

    public void Patch(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at, 4), value);

    private Span<byte> Room(int count)
    {
        if (Length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        var room = _bytes.AsSpan(Length, count);
        Length += count;
        return room;
    }
}
