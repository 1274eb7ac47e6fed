using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// A cursor over the payload of one packet. Everything that does not fit throws <see cref="MySqlProtocolException"/> with the packet's
/// name and the offset; it never reads past the payload and reserves nothing by a promised length.
/// </summary>
/// <param name="payload">The packet without its header.</param>
/// <param name="packet">Its name, for messages.</param>
public ref struct PacketReader(ReadOnlySpan<byte> payload, string packet)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private readonly string _packet = packet;

    /// <summary>Offset of the next byte.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => _payload.Length - Position;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint ReadUInt24()
    {
        var bytes = Take(3);
        return bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16;
    }

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> ReadBytes(int count) => Take(count);

    public ReadOnlySpan<byte> ReadRest() => Take(Remaining);

    /// <summary>An integer of 1, 3, 4 or 9 bytes: below 0xfb the byte itself, else 0xfc, 0xfd, 0xfe and 2, 3, 8 bytes.</summary>
    public ulong ReadLengthEncoded()
    {
        var first = ReadByte();
        switch (first)
        {
            case < 0xfb: return first;
            case 0xfc: return ReadUInt16();
            case 0xfd: return ReadUInt24();
            case 0xfe: return ReadUInt64();
            default:
                Position--;
                Fail("a length that begins with " + first.ToString("x2"));
                return 0;
        }
    }

    /// <summary>Bytes after their length-encoded length.</summary>
    public ReadOnlySpan<byte> ReadLengthEncodedBytes()
    {
        var start = Position;
        var length = ReadLengthEncoded();
        if (length > (ulong)Remaining)
        {
            Position = start;
            Fail($"a length of {length} where {Remaining} bytes are left");
        }

        return Take((int)length);
    }

    /// <summary>As <see cref="ReadLengthEncodedBytes"/>; false for NULL (0xfb).</summary>
    public bool TryReadLengthEncodedBytes(out ReadOnlySpan<byte> bytes)
    {
        if (Remaining > 0 && _payload[Position] == 0xfb)
        {
            Position++;
            bytes = default;
            return false;
        }

        bytes = ReadLengthEncodedBytes();
        return true;
    }

    /// <summary>Bytes up to a zero byte, which is skipped.</summary>
    public ReadOnlySpan<byte> ReadNulTerminated()
    {
        var length = _payload[Position..].IndexOf((byte)0);
        if (length < 0)
            Fail("text without its zero byte");
        var bytes = Take(length);
        Position++;
        return bytes;
    }

    public string ReadLengthEncodedText() => Encoding.UTF8.GetString(ReadLengthEncodedBytes());

    public string ReadNulTerminatedText() => Encoding.UTF8.GetString(ReadNulTerminated());

    /// <summary>The next byte must be this one.</summary>
    public void Expect(byte value)
    {
        if (Remaining == 0 || _payload[Position] != value)
            Fail($"{(Remaining == 0 ? "an end" : _payload[Position].ToString("x2"))} instead of {value:x2}");
        Position++;
    }

    [DoesNotReturn]
    public readonly void Fail(string what)
        => throw new MySqlProtocolException($"the server sent {what} at byte {Position} of a {_packet} packet of {_payload.Length} bytes");

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
            Fail($"{Remaining} bytes where {count} should be");
        var bytes = _payload.Slice(Position, count);
        Position += count;
        return bytes;
    }
}
