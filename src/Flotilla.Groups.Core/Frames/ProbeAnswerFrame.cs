namespace Flotilla.Groups.Core.Frames;

/// <summary>The answer to a <see cref="ProbeFrame"/>: u64 epoch, u32 number, u8 1 for yes.</summary>
internal readonly record struct ProbeAnswerFrame(ulong Epoch, uint Number, bool Supports)
{
    public void Write(FrameBuilder builder) => builder.Clear().U64(Epoch).U32(Number).U8(Supports ? (byte)1 : (byte)0);

    public static bool TryRead(ReadOnlySpan<byte> body, out ProbeAnswerFrame frame)
    {
        var reader = new FrameReader(body);
        var (epoch, number, answer) = (reader.U64(), reader.U32(), reader.U8());
        frame = new ProbeAnswerFrame(epoch, number, answer == 1);
        return reader.IsComplete && answer <= 1;
    }
}
