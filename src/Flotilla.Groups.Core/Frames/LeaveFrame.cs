namespace Flotilla.Groups.Core.Frames;

/// <summary>A member wants out: u64 epoch, u32 incarnation, u8 1 when it can't vote any more because its disk failed.</summary>
internal readonly record struct LeaveFrame(ulong Epoch, uint Incarnation, bool IsUnfit)
{
    public void Write(FrameBuilder builder) => builder.Clear().U64(Epoch).U32(Incarnation).U8(IsUnfit ? (byte)1 : (byte)0);

    public static bool TryRead(ReadOnlySpan<byte> body, out LeaveFrame frame)
    {
        var reader = new FrameReader(body);
        var (epoch, incarnation, unfit) = (reader.U64(), reader.U32(), reader.U8());
        frame = new LeaveFrame(epoch, incarnation, unfit == 1);
        return reader.IsComplete && unfit <= 1;
    }
}
