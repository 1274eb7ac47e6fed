using System.Buffers.Binary;

namespace Flotilla.Guard;

/// <summary>A packet from a guard. Byte layouts: docs/protocols/guard.md, "Replies".</summary>
internal readonly record struct Reply
{
    public const int AcceptedBytes = GuardProtocol.HeaderBytes + 24;
    public const int RefusedBytes = GuardProtocol.HeaderBytes + 16;
    public const int StateBytes = GuardProtocol.HeaderBytes + GuardState.SizeBytes;

    public ReplyType Type { get; init; }

    /// <summary>The request's number; 0 for what was not asked.</summary>
    public uint Number { get; init; }

    public RequestType Request { get; init; }

    public GuardRefusal Refusal { get; init; }

    /// <summary>The system's number for why; 0 for none.</summary>
    public int Error { get; init; }

    /// <summary>The newest epoch that the guard has seen.</summary>
    public ulong Epoch { get; init; }

    /// <summary>When the server is killed; 0: never.</summary>
    public long DeadlineNs { get; init; }

    public int ServerProcess { get; init; }

    public GuardState State { get; init; }

    /// <summary>Reads a whole packet. Bytes that a later version added at the end are passed over.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out Reply reply)
    {
        reply = default;
        if (packet.Length is < GuardProtocol.HeaderBytes or > GuardProtocol.PacketBytesMax || packet[0] == 0)
            return false;
        var type = (ReplyType)packet[1];
        var number = BinaryPrimitives.ReadUInt32LittleEndian(packet[4..]);
        var body = packet[GuardProtocol.HeaderBytes..];
        switch (type)
        {
            case ReplyType.State when GuardState.TryRead(body, out var state):
                reply = new Reply { Type = type, Number = number, State = state };
                return true;
            case ReplyType.Accepted when packet.Length >= AcceptedBytes && IsRequest(body[0]):
                reply = new Reply
                {
                    Type = type,
                    Number = number,
                    Request = (RequestType)body[0],
                    ServerProcess = BinaryPrimitives.ReadInt32LittleEndian(body[4..]),
                    Epoch = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]),
                    DeadlineNs = BinaryPrimitives.ReadInt64LittleEndian(body[16..]),
                };
                return true;
            case ReplyType.Refused when packet.Length >= RefusedBytes && body[1] is not 0:
                reply = new Reply
                {
                    Type = type,
                    Number = number,
                    Request = (RequestType)body[0],
                    Refusal = (GuardRefusal)body[1],
                    Error = BinaryPrimitives.ReadInt32LittleEndian(body[4..]),
                    Epoch = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]),
                };
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes it; the length is that of its type.</summary>
    public int Write(Span<byte> target)
    {
        target[0] = GuardProtocol.Version;
        target[1] = (byte)Type;
        target[2] = 0;
        target[3] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Number);
        var body = target[GuardProtocol.HeaderBytes..];
        if (Type == ReplyType.State)
        {
            State.Write(body);
            return StateBytes;
        }

        body[0] = (byte)Request;
        body[1] = (byte)Refusal;
        body[2] = 0;
        body[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], Type == ReplyType.Accepted ? ServerProcess : Error);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], Epoch);
        if (Type == ReplyType.Refused)
            return RefusedBytes;
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], DeadlineNs);
        return AcceptedBytes;
    }

    private static bool IsRequest(byte type) => type is >= (byte)RequestType.Claim and <= (byte)RequestType.Quit;
}
