namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// Messages of one member for the sequencer: u64 epoch, u32 sender's incarnation, u64 number of the first, u32 count, then each:
/// u8 delivery, u32 length, bytes.
/// </summary>
internal readonly ref struct SubmitFrame
{
    public const int HeaderSizeBytes = 24;

    public ulong Epoch { get; init; }

    public uint Incarnation { get; init; }

    public ulong FirstNumber { get; init; }

    public int Count { get; init; }

    public ReadOnlySpan<byte> Messages { get; init; }

    public static void WriteHeader(FrameBuilder builder, ulong epoch, uint incarnation, ulong firstNumber)
        => builder.Clear().U64(epoch).U32(incarnation).U64(firstNumber).U32(0);

    public static void SetCount(FrameBuilder builder, int count) => builder.Patch(HeaderSizeBytes - 4, (uint)count);

    public static void WriteMessage(FrameBuilder builder, Delivery delivery, ReadOnlySpan<byte> body)
        => builder.U8((byte)delivery).U32((uint)body.Length).Bytes(body);

    public static bool TryRead(ReadOnlySpan<byte> body, out SubmitFrame frame)
    {
        var reader = new FrameReader(body);
        var (epoch, incarnation, first, count) = (reader.U64(), reader.U32(), reader.U64(), reader.U32());
        var messages = reader.Rest;
        reader.FailUnless(count >= 1 && count <= messages.Length / 5 && first >= 1 && first <= ulong.MaxValue - count);
        for (var i = 0; reader.IsGood && i < count; i++)
            TryTake(ref reader, out _, out _);
        frame = new SubmitFrame { Epoch = epoch, Incarnation = incarnation, FirstNumber = first, Count = (int)count, Messages = messages };
        return reader.IsComplete;
    }

    public static bool TryTake(ref FrameReader reader, out Delivery delivery, out ReadOnlySpan<byte> body)
    {
        delivery = (Delivery)reader.U8();
        var length = reader.U32();
        reader.FailUnless(delivery is >= Delivery.Fifo and <= Delivery.SafeDurable && length <= int.MaxValue);
        body = reader.Take((int)length);
        return reader.IsGood;
    }
}
