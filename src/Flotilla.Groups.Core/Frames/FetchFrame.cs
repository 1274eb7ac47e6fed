namespace Flotilla.Groups.Core.Frames;

/// <summary>Entries wanted to complete a log: ballot, u64 sequence it has, u64 epoch of that entry, u64 last wanted.</summary>
internal readonly record struct FetchFrame(Ballot Ballot, ulong Head, ulong HeadEpoch, ulong To)
{
    public void Write(FrameBuilder builder) => builder.Clear().Ballot(Ballot).U64(Head).U64(HeadEpoch).U64(To);

    public static bool TryRead(ReadOnlySpan<byte> body, out FetchFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new FetchFrame(reader.Ballot(), reader.U64(), reader.U64(), reader.U64());
        return reader.IsComplete;
    }
}
