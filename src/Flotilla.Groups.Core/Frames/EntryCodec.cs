using System.Buffers.Binary;

namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// An entry, the same in frames, in memory and on disk: u32 length of the body, u64 epoch, u64 sequence, u8 kind, u8 delivery, u64 sender's node,
/// u32 its incarnation, u64 number there, body.
/// </summary>
internal static class EntryCodec
{
    public const int HeaderSizeBytes = 42;

    public static void WriteHeader(Span<byte> target, in EntryHeader header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)header.BodyLength);
        BinaryPrimitives.WriteUInt64LittleEndian(target[4..], header.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(target[12..], header.Sequence);
        target[20] = (byte)header.Kind;
        target[21] = (byte)header.Delivery;
        BinaryPrimitives.WriteUInt64LittleEndian(target[22..], header.Sender.Node.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(target[30..], header.Sender.Incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(target[34..], header.Number);
    }

    /// <summary>The first entry of some bytes; false when it is cut off or can't be.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EntryHeader header)
    {
        header = default;
        if (bytes.Length < HeaderSizeBytes)
            return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length > bytes.Length - HeaderSizeBytes)
            return false;
        header = Header(bytes);
        return header.Kind is LogEntryKind.View or LogEntryKind.Message && header.Delivery is >= Delivery.Fifo and <= Delivery.SafeDurable
            && header.Epoch >= 1 && header.Sequence >= 1;
    }

    /// <summary>The header of an entry that was checked before.</summary>
    public static EntryHeader Header(ReadOnlySpan<byte> entry) => new(
        (int)BinaryPrimitives.ReadUInt32LittleEndian(entry),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[12..]),
        (LogEntryKind)entry[20],
        (Delivery)entry[21],
        new MemberId(new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(entry[22..])), BinaryPrimitives.ReadUInt32LittleEndian(entry[30..])),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[34..]));

    public static ulong Epoch(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadUInt64LittleEndian(entry[4..]);

    public static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> entry) => entry[HeaderSizeBytes..];

    /// <summary>Whole entries, one after another from a sequence on, with epochs that never go down and none above a limit.</summary>
    public static bool AreValid(ReadOnlySpan<byte> entries, ulong before, ulong beforeEpoch, ulong maxEpoch)
    {
        if (before == ulong.MaxValue || beforeEpoch > maxEpoch)
            return false;
        while (!entries.IsEmpty)
        {
            if (!TryRead(entries, out var header) || header.Sequence != before + 1 || header.Epoch < beforeEpoch || header.Epoch > maxEpoch)
                return false;
            (before, beforeEpoch) = (header.Sequence, header.Epoch);
            entries = entries[header.TotalBytes..];
        }

        return true;
    }
}
