namespace Flotilla.Groups.Core.Frames;

/// <summary>Asks for the newest view of somebody who knows a later one: u64 epoch of the asker's.</summary>
internal readonly record struct ViewAskFrame(ulong Epoch)
{
    public void Write(FrameBuilder builder) => builder.Clear().U64(Epoch);

    public static bool TryRead(ReadOnlySpan<byte> body, out ViewAskFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new ViewAskFrame(reader.U64());
        return reader.IsComplete;
    }
}
