namespace Flotilla.Groups.Core.Frames;

/// <summary>Entries that were fetched: the ballot of the request, u64 sequence before them, u64 its epoch, u64 first sequence its sender could give, entries.</summary>
internal readonly ref struct EntriesFrame
{
    public Ballot Ballot { get; init; }

    public ulong Before { get; init; }

    public ulong BeforeEpoch { get; init; }

    /// <summary>The sender keeps nothing before it.</summary>
    public ulong KeptFrom { get; init; }

    public ReadOnlySpan<byte> Entries { get; init; }

    public void WriteHeader(FrameBuilder builder) => builder.Clear().Ballot(Ballot).U64(Before).U64(BeforeEpoch).U64(KeptFrom);

    public static bool TryRead(ReadOnlySpan<byte> body, out EntriesFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new EntriesFrame
        {
            Ballot = reader.Ballot(), Before = reader.U64(), BeforeEpoch = reader.U64(), KeptFrom = reader.U64(), Entries = reader.Rest,
        };
        return reader.IsGood && EntryCodec.AreValid(frame.Entries, frame.Before, frame.BeforeEpoch, ulong.MaxValue);
    }
}
