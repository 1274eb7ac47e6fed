using System.Buffers.Binary;
using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// Splits received bytes into whole messages. A message whose first byte is zero is a binary packet, any other is a text line; both
/// may follow each other freely. Keeps no state between two buffers: what was not consumed is offered again, with more behind it.
/// <code>
/// var reader = new MessageReader(received, maxBodyBytes);
/// while (reader.Read() is var kind and (MessageKind.Packet or MessageKind.Line)) ...
/// consume(reader.ConsumedBytes);
/// </code>
/// Source: PROTOCOL, "Binary Packet" and "Administrative Protocol".
/// </summary>
public ref struct MessageReader
{
    private readonly ReadOnlySpan<byte> _received;
    private readonly int _maxBodyBytes;

    /// <summary>A reader at the first byte.</summary>
    /// <param name="received">Bytes that start at the beginning of a message.</param>
    /// <param name="maxBodyBytes">The longest body that is followed, up to <see cref="ProtocolLimits.MaxBodyBytes"/>.</param>
    public MessageReader(ReadOnlySpan<byte> received, int maxBodyBytes = ProtocolLimits.DefaultBodyBytes)
    {
        Invariant.Require(maxBodyBytes is >= 0 and <= ProtocolLimits.MaxBodyBytes);
        _received = received;
        _maxBodyBytes = maxBodyBytes;
    }

    /// <summary>Bytes of all whole messages returned so far.</summary>
    public int ConsumedBytes { get; private set; }

    /// <summary>The magic of the packet just read.</summary>
    public PacketMagic Magic { get; private set; }

    /// <summary>The type of the packet just read, 1 to 42; also set when the header in error had a known type.</summary>
    public PacketType Type { get; private set; }

    /// <summary>The body of the packet just read, or the line without its line end.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>
    /// After <see cref="MessageKind.NeedMore"/>: how many bytes the message at the head needs in all, so that a buffer can be made
    /// large enough at once; 0 when that can't be known (nothing there, or a line). Never more than header and limit.
    /// </summary>
    public int WantedBytes { get; private set; }

    /// <summary>After <see cref="MessageKind.Error"/>: what is wrong.</summary>
    public ProtocolError Error { get; private set; }

    /// <summary>Takes the next message. <see cref="Body"/> is valid until the received bytes are overwritten.</summary>
    public MessageKind Read()
    {
        var rest = _received[ConsumedBytes..];
        if (rest.Length < PacketHeader.SizeBytes || rest[0] != 0)
            return ReadLineOrShortHeader(rest);

        var magic = (PacketMagic)BinaryPrimitives.ReadUInt32BigEndian(rest);
        var type = (PacketType)BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest[8..]);
        if (magic is not (PacketMagic.Request or PacketMagic.Response) || !PacketTypes.IsKnown(type) || length > (uint)_maxBodyBytes)
            return Fail(magic, type, length);

        var size = PacketHeader.SizeBytes + (int)length;
        if (rest.Length < size)
        {
            WantedBytes = size;
            return MessageKind.NeedMore;
        }

        Magic = magic;
        Type = type;
        Body = rest.Slice(PacketHeader.SizeBytes, (int)length);
        ConsumedBytes += size;
        return MessageKind.Packet;
    }

    private MessageKind ReadLineOrShortHeader(ReadOnlySpan<byte> rest)
    {
        WantedBytes = 0;
        if (rest.IsEmpty)
            return MessageKind.NeedMore;
        return rest[0] == 0 ? ReadShortHeader(rest) : ReadLine(rest);
    }

    private MessageKind ReadLine(ReadOnlySpan<byte> rest)
    {
        var window = rest[..Math.Min(rest.Length, ProtocolLimits.MaxLineBytes + 1)];
        var end = window.IndexOf((byte)'\n');
        if (end >= 0)
        {
            ConsumedBytes += end + 1;
            Body = end > 0 && window[end - 1] == '\r' ? window[..(end - 1)] : window[..end];
            return MessageKind.Line;
        }

        if (window.Length <= ProtocolLimits.MaxLineBytes)
            return MessageKind.NeedMore;
        Error = new ProtocolError(ProtocolErrorKind.LineTooLong, OffsetBytes: window.Length);
        return MessageKind.Error;
    }

    /// <summary>Refuses a wrong header as soon as its wrong part is there, so that nothing waits for bytes that never come.</summary>
    private MessageKind ReadShortHeader(ReadOnlySpan<byte> rest)
    {
        WantedBytes = PacketHeader.SizeBytes;
        if (rest.Length < 4)
            return MessageKind.NeedMore;
        var magic = (PacketMagic)BinaryPrimitives.ReadUInt32BigEndian(rest);
        var type = rest.Length < 8 ? PacketTypes.Highest : (PacketType)BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        if (magic is PacketMagic.Request or PacketMagic.Response && PacketTypes.IsKnown(type))
            return MessageKind.NeedMore;
        return Fail(magic, type, 0);
    }

    private MessageKind Fail(PacketMagic magic, PacketType type, uint length)
    {
        if (magic is not (PacketMagic.Request or PacketMagic.Response))
        {
            Error = new ProtocolError(ProtocolErrorKind.UnknownMagic, OffsetBytes: 0, Value: (uint)magic);
        }
        else if (!PacketTypes.IsKnown(type))
        {
            Error = new ProtocolError(ProtocolErrorKind.UnknownType, OffsetBytes: 4, Value: (uint)type);
        }
        else
        {
            Magic = magic;
            Type = type;
            Error = new ProtocolError(ProtocolErrorKind.BodyTooLong, OffsetBytes: 8, Value: length);
        }

        return MessageKind.Error;
    }
}
