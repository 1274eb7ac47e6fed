using System.Buffers.Binary;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Transport;

/// <summary>Finds frames in received bytes: u32 length of what follows, u8 type, body.</summary>
internal static class FrameSplitter
{
    private const int LengthBytes = 4;

    /// <summary>
    /// The first frame, without its length (type first), and the bytes it takes. When it is not there as a whole: false, with the bytes it will take if
    /// that is known, else 0. A length beyond the limit, or of nothing, is -1.
    /// </summary>
    public static bool TrySplit(ReadOnlySpan<byte> bytes, int maxFrameBytes, out ReadOnlySpan<byte> frame, out int totalBytes)
    {
        frame = default;
        totalBytes = 0;
        if (bytes.Length < LengthBytes)
            return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length == 0 || length > (uint)maxFrameBytes || length > FrameLimits.MaxFrameBytes)
        {
            totalBytes = -1;
            return false;
        }

        totalBytes = LengthBytes + (int)length;
        if (bytes.Length < totalBytes)
            return false;
        frame = bytes.Slice(LengthBytes, (int)length);
        return true;
    }

    /// <summary>What the first bytes are, for the one line a log gets.</summary>
    public static string Describe(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, 8)];
        return $"no frame of a group node (begins with {Convert.ToHexString(head)})";
    }
}
