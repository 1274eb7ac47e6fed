namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// From the sequencer: u64 epoch, u64 sequence before the entries, u64 epoch of that entry, u64 safe to, u64 durable to, u64 stable to,
/// i64 its clock, i64 the member's clock that is confirmed for the lease (<see cref="long.MinValue"/>: none), then entries (<see cref="EntryCodec"/>), perhaps none.
/// </summary>
internal readonly ref struct AppendFrame
{
    public const int HeaderSizeBytes = 64;

    public ulong Epoch { get; init; }

    public ulong Before { get; init; }

    public ulong BeforeEpoch { get; init; }

    public ulong SafeTo { get; init; }

    public ulong DurableTo { get; init; }

    /// <summary>All members have everything to here: it need not be kept for them.</summary>
    public ulong StableTo { get; init; }

    public long BeatNs { get; init; }

    public long LeaseEchoNs { get; init; }

    public ReadOnlySpan<byte> Entries { get; init; }

    public void WriteHeader(FrameBuilder builder)
        => builder.Clear().U64(Epoch).U64(Before).U64(BeforeEpoch).U64(SafeTo).U64(DurableTo).U64(StableTo).I64(BeatNs).I64(LeaseEchoNs);

    /// <summary>The header is written for one member: what differs for the next.</summary>
    public static void PatchEcho(FrameBuilder builder, long leaseEchoNs) => builder.Patch(HeaderSizeBytes - 8, (ulong)leaseEchoNs);

    public static bool TryRead(ReadOnlySpan<byte> body, out AppendFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new AppendFrame
        {
            Epoch = reader.U64(),
            Before = reader.U64(),
            BeforeEpoch = reader.U64(),
            SafeTo = reader.U64(),
            DurableTo = reader.U64(),
            StableTo = reader.U64(),
            BeatNs = reader.I64(),
            LeaseEchoNs = reader.I64(),
            Entries = reader.Rest,
        };
        return reader.IsGood && EntryCodec.AreValid(frame.Entries, frame.Before, frame.BeforeEpoch, frame.Epoch);
    }
}
