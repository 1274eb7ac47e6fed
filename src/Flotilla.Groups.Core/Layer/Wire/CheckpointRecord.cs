namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// A piece of this node's checkpoint on disk. u8 kind: 1 the shared tables (the rest is a part of them), 2 a group's state (u32 shared number,
/// u8 is last, the rest is a piece of it), 3 the end, 4 the beginning: what came of an attempt before is void, 5 a group's state waits for its program (u32 shared number, u8 pieces of it
/// follow), 6 a message that followed those pieces (u32 shared number, u8 kind, varint sequence, varint epoch, u8 delivery, member, the rest is its body).
/// </summary>
internal readonly ref struct CheckpointRecord
{
    public const byte TablesKind = 1;
    public const byte GroupKind = 2;
    public const byte EndKind = 3;
    public const byte BeginKind = 4;
    public const byte WaitingKind = 5;
    public const byte MessageKind = 6;

    public byte Kind { get; private init; }

    public uint Group { get; private init; }

    public bool IsLast { get; private init; }

    public bool HasPieces { get; private init; }

    public ReadOnlySpan<byte> Piece { get; private init; }

    /// <summary>Of <see cref="MessageKind"/>.</summary>
    public RecoveredMessage? Message { get; private init; }

    public static CheckpointRecord Tables(ReadOnlySpan<byte> piece) => new() { Kind = TablesKind, Piece = piece };

    public static CheckpointRecord OfGroup(uint group, bool isLast, ReadOnlySpan<byte> piece)
        => new() { Kind = GroupKind, Group = group, IsLast = isLast, Piece = piece };

    public static CheckpointRecord Begin => new() { Kind = BeginKind };

    public static CheckpointRecord End => new() { Kind = EndKind };

    public static CheckpointRecord Waiting(uint group, bool hasPieces) => new() { Kind = WaitingKind, Group = group, HasPieces = hasPieces };

    public static CheckpointRecord OfMessage(uint group, RecoveredMessage message) => new() { Kind = MessageKind, Group = group, Message = message };

    public void Write(LayerWriter writer)
    {
        writer.Byte(Kind);
        switch (Kind)
        {
            case GroupKind: writer.U32(Group).Byte(IsLast ? (byte)1 : (byte)0).Raw(Piece); break;
            case WaitingKind: writer.U32(Group).Byte(HasPieces ? (byte)1 : (byte)0); break;
            case MessageKind:
                var message = Message!;
                writer.U32(Group).Byte((byte)message.Kind).Varint(message.Sequence).Varint(message.Epoch).Byte((byte)message.Delivery).Member(message.Sender).Raw(message.Body);
                break;
            default: writer.Raw(Piece); break;
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out CheckpointRecord record)
    {
        var reader = new LayerReader(body);
        var kind = reader.Byte();
        record = kind switch
        {
            GroupKind => new CheckpointRecord { Kind = kind, Group = reader.U32(), IsLast = reader.Flag(), Piece = reader.Rest() },
            WaitingKind => new CheckpointRecord { Kind = kind, Group = reader.U32(), HasPieces = reader.Flag() },
            MessageKind => new CheckpointRecord { Kind = kind, Group = reader.U32(), Message = ReadMessage(ref reader) },
            TablesKind => new CheckpointRecord { Kind = kind, Piece = reader.Rest() },
            _ => new CheckpointRecord { Kind = kind },
        };
        return reader.IsWhole && kind is >= TablesKind and <= MessageKind;
    }

    private static RecoveredMessage ReadMessage(ref LayerReader reader)
    {
        var kind = (GroupDeliveryKind)reader.Byte();
        var (sequence, epoch, delivery) = (reader.Varint(), reader.Varint(), (Delivery)reader.Byte());
        if (kind is not (GroupDeliveryKind.Message or GroupDeliveryKind.Query) || delivery is < Delivery.Fifo or > Delivery.SafeDurable)
            reader.Fail();
        return new RecoveredMessage(kind, sequence, epoch, delivery, reader.Member(), reader.Rest().ToArray());
    }
}
