using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>A frame between two group layers. Which fields count depends on the kind; docs/protocols/groups.md has the bytes.</summary>
internal readonly ref struct DirectFrame
{
    public DirectFrameKind Kind { get; init; }

    /// <summary>The shared number of a group; for transfers 0 for the shared tables.</summary>
    public uint Group { get; init; }

    /// <summary>The incarnation of the node that asked (query, transfer), as answers to an earlier life are void; for Raw and Delivered the speaker's own.</summary>
    public uint Incarnation { get; init; }

    /// <summary>The number of a query or transfer at who asked.</summary>
    public ulong Id { get; init; }

    /// <summary>For replies: Partial, NullReply or Aborted.</summary>
    public CommandResult Result { get; init; }

    public TransferStanding Standing { get; init; }

    /// <summary>A position in the log: delivered to, the least cut that will do, the cut.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Of a chunk; for asks the next one wanted.</summary>
    public uint Index { get; init; }

    /// <summary>For asks: how many the application took.</summary>
    public uint Taken { get; init; }

    /// <summary>For asks: all is here, forget the transfer. For chunks: it is the last.</summary>
    public bool Flag { get; init; }

    /// <summary>CRC-32C of all chunks before and this one.</summary>
    public uint Checksum { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public void Write(LayerWriter writer)
    {
        writer.Byte((byte)Kind);
        var flag = Flag ? (byte)1 : (byte)0;
        switch (Kind)
        {
            case DirectFrameKind.Raw: writer.U32(Incarnation).U32(Group).Raw(Payload); break;
            case DirectFrameKind.Reply: writer.U32(Incarnation).U64(Id).Byte((byte)Result).Raw(Payload); break;
            case DirectFrameKind.ReplyTaken: writer.U32(Incarnation).U64(Id); break;
            case DirectFrameKind.AskDelivered: writer.U64(Sequence); break;
            case DirectFrameKind.Delivered: writer.U32(Incarnation).U64(Sequence); break;
            case DirectFrameKind.Ask: writer.U32(Incarnation).U64(Id).U32(Group).U64(Sequence).U32(Index).U32(Taken).Byte(flag); break;
            case DirectFrameKind.Chunk:
                writer.U32(Incarnation).U64(Id).U64(Sequence).U32(Index).Byte(flag).U32(Checksum).Raw(Payload);
                break;
            case DirectFrameKind.Standing: writer.U32(Incarnation).U64(Id).Byte((byte)Standing).Raw(Payload); break;
            default: throw new InvariantViolationException($"no frame is written as {Kind}");
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out DirectFrame frame)
    {
        frame = default;
        var reader = new LayerReader(body);
        frame = frame with { Kind = (DirectFrameKind)reader.Byte() };
        switch (frame.Kind)
        {
            case DirectFrameKind.Raw:
                frame = frame with { Incarnation = reader.U32() };
                frame = frame with { Group = reader.U32() };
                break;
            case DirectFrameKind.AskDelivered:
                frame = frame with { Sequence = reader.U64() };
                return reader.IsWhole;
            case DirectFrameKind.Delivered:
                frame = frame with { Incarnation = reader.U32() };
                frame = frame with { Sequence = reader.U64() };
                return reader.IsWhole;
            case DirectFrameKind.Reply or DirectFrameKind.ReplyTaken or DirectFrameKind.Ask or DirectFrameKind.Chunk or DirectFrameKind.Standing:
                frame = frame with { Incarnation = reader.U32() };
                frame = frame with { Id = reader.U64() };
                return TryReadRest(reader, ref frame);
            case DirectFrameKind.None:
            default:
                return false;
        }

        frame = frame with { Payload = reader.Rest() };
        return reader.IsGood;
    }

    private static bool TryReadRest(LayerReader reader, ref DirectFrame frame)
    {
        switch (frame.Kind)
        {
            case DirectFrameKind.ReplyTaken:
                return reader.IsWhole;
            case DirectFrameKind.Reply:
                frame = frame with { Result = (CommandResult)reader.Byte() };
                if (frame.Result is not (CommandResult.Partial or CommandResult.NullReply or CommandResult.Aborted))
                    return false;
                break;
            case DirectFrameKind.Ask:
                frame = frame with { Group = reader.U32() };
                frame = frame with { Sequence = reader.U64() };
                frame = frame with { Index = reader.U32() };
                frame = frame with { Taken = reader.U32() };
                frame = frame with { Flag = reader.Flag() };
                return reader.IsWhole && frame.Taken <= frame.Index;
            case DirectFrameKind.Chunk:
                frame = frame with { Sequence = reader.U64() };
                frame = frame with { Index = reader.U32() };
                frame = frame with { Flag = reader.Flag() };
                frame = frame with { Checksum = reader.U32() };
                break;
            default:
                frame = frame with { Standing = (TransferStanding)reader.Byte() };
                if (frame.Standing > TransferStanding.Refused)
                    return false;
                break;
        }

        frame = frame with { Payload = reader.Rest() };
        return reader.IsGood && (frame.Kind != DirectFrameKind.Chunk || frame.Payload.Length <= CheckpointPiece.MaxBytes);
    }
}
