namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// From a member to the sequencer: u64 epoch, u32 incarnation, u64 received to, u64 epoch of that entry, u64 written to, u64 flushed to,
/// i64 its clock, i64 the sequencer's clock it last saw (<see cref="long.MinValue"/>: none), u8 flags.
/// </summary>
internal readonly record struct AckFrame
{
    public ulong Epoch { get; init; }

    public uint Incarnation { get; init; }

    public ulong ReceivedTo { get; init; }

    public ulong ReceivedEpoch { get; init; }

    public ulong WrittenTo { get; init; }

    public ulong FlushedTo { get; init; }

    public long ClockNs { get; init; }

    public long BeatEchoNs { get; init; }

    public AckFlags Flags { get; init; }

    public void Write(FrameBuilder builder)
        => builder.Clear().U64(Epoch).U32(Incarnation).U64(ReceivedTo).U64(ReceivedEpoch).U64(WrittenTo).U64(FlushedTo).I64(ClockNs).I64(BeatEchoNs).U8((byte)Flags);

    public static bool TryRead(ReadOnlySpan<byte> body, out AckFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new AckFrame
        {
            Epoch = reader.U64(),
            Incarnation = reader.U32(),
            ReceivedTo = reader.U64(),
            ReceivedEpoch = reader.U64(),
            WrittenTo = reader.U64(),
            FlushedTo = reader.U64(),
            ClockNs = reader.I64(),
            BeatEchoNs = reader.I64(),
            Flags = (AckFlags)reader.U8(),
        };
        return reader.IsComplete && frame.FlushedTo <= frame.WrittenTo && frame.WrittenTo <= frame.ReceivedTo && (byte)frame.Flags < 16;
    }
}
