namespace Flotilla.Groups.Core.Frames;

/// <summary>An incarnation was used before: u32 the highest one ever used by that node.</summary>
internal readonly record struct JoinRefusedFrame(uint Highest)
{
    public void Write(FrameBuilder builder) => builder.Clear().U32(Highest);

    public static bool TryRead(ReadOnlySpan<byte> body, out JoinRefusedFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new JoinRefusedFrame(reader.U32());
        return reader.IsComplete && frame.Highest < uint.MaxValue;
    }
}
