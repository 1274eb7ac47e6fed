namespace Flotilla.Groups.Core.Frames;

/// <summary>A view was accepted, flushed: ballot, u32 incarnation.</summary>
internal readonly record struct AcceptedFrame(Ballot Ballot, uint Incarnation)
{
    public void Write(FrameBuilder builder) => builder.Clear().Ballot(Ballot).U32(Incarnation);

    public static bool TryRead(ReadOnlySpan<byte> body, out AcceptedFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new AcceptedFrame(reader.Ballot(), reader.U32());
        return reader.IsComplete;
    }
}
