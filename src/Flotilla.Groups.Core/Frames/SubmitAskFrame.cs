namespace Flotilla.Groups.Core.Frames;

/// <summary>Submit again from a number on: u64 epoch, u32 the sender's incarnation, u64 number.</summary>
internal readonly record struct SubmitAskFrame(ulong Epoch, uint Incarnation, ulong Number)
{
    public void Write(FrameBuilder builder) => builder.Clear().U64(Epoch).U32(Incarnation).U64(Number);

    public static bool TryRead(ReadOnlySpan<byte> body, out SubmitAskFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new SubmitAskFrame(reader.U64(), reader.U32(), reader.U64());
        return reader.IsComplete && frame.Number >= 1;
    }
}
