namespace Flotilla.Groups.Core.Frames;

/// <summary>Would you support a change of the view of an epoch, because this sequencer is gone? u64 epoch, u32 number of the probe.</summary>
internal readonly record struct ProbeFrame(ulong Epoch, uint Number)
{
    public void Write(FrameBuilder builder) => builder.Clear().U64(Epoch).U32(Number);

    public static bool TryRead(ReadOnlySpan<byte> body, out ProbeFrame frame)
    {
        var reader = new FrameReader(body);
        frame = new ProbeFrame(reader.U64(), reader.U32());
        return reader.IsComplete;
    }
}
