namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// A piece of this node's checkpoint on disk. u8 kind: 1 the shared tables (the rest is a part of them), 2 a group's state (u32 shared number,
/// u8 is last, the rest is a piece of it), 3 the end, 4 the beginning: what came of an attempt before is void.
/// </summary>
internal readonly ref struct CheckpointRecord
{
    public const byte TablesKind = 1;
    public const byte GroupKind = 2;
    public const byte EndKind = 3;
    public const byte BeginKind = 4;

    public byte Kind { get; private init; }

    public uint Group { get; private init; }

    public bool IsLast { get; private init; }

    public ReadOnlySpan<byte> Piece { get; private init; }

    public static CheckpointRecord Tables(ReadOnlySpan<byte> piece) => new() { Kind = TablesKind, Piece = piece };

    public static CheckpointRecord OfGroup(uint group, bool isLast, ReadOnlySpan<byte> piece)
        => new() { Kind = GroupKind, Group = group, IsLast = isLast, Piece = piece };

    public static CheckpointRecord Begin => new() { Kind = BeginKind };

    public static CheckpointRecord End => new() { Kind = EndKind };

    public void Write(LayerWriter writer)
    {
        writer.Byte(Kind);
        if (Kind == GroupKind)
            writer.U32(Group).Byte(IsLast ? (byte)1 : (byte)0);
        writer.Raw(Piece);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out CheckpointRecord record)
    {
        var reader = new LayerReader(body);
        var kind = reader.Byte();
        record = kind == GroupKind
            ? new CheckpointRecord { Kind = kind, Group = reader.U32(), IsLast = reader.Flag(), Piece = reader.Rest() }
            : new CheckpointRecord { Kind = kind, Piece = reader.Rest() };
        return reader.IsGood && kind is >= TablesKind and <= BeginKind && (kind < EndKind || record.Piece.IsEmpty);
    }
}
