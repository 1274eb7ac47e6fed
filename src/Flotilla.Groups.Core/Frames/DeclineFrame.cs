namespace Flotilla.Groups.Core.Frames;

/// <summary>A ballot was too low: that ballot, and the one promised.</summary>
internal readonly record struct DeclineFrame(Ballot Ballot, Ballot Promised)
{
    public void Write(FrameBuilder builder) => builder.Clear().Ballot(Ballot).Ballot(Promised);

    public static bool TryRead(ReadOnlySpan<byte> body, out DeclineFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new DeclineFrame(reader.Ballot(), reader.Ballot());
        return reader.IsComplete;
    }
}
