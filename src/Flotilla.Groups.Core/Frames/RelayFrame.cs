using System.Buffers.Binary;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Frames;

/// <summary>A frame on its way through a third node: u64 origin, u64 destination, u8 type, body. A relay hands it to its destination only, never to another relay.</summary>
internal static class RelayFrame
{
    public const int OverheadBytes = 17;

    public static void Write(ByteQueue output, NodeId origin, NodeId destination, FrameType type, ReadOnlySpan<byte> body)
    {
        var header = output.GetSpan(FrameLimits.HeaderSizeBytes + OverheadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(1 + OverheadBytes + body.Length));
        header[4] = (byte)FrameType.Relay;
        BinaryPrimitives.WriteUInt64LittleEndian(header[5..], origin.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[13..], destination.Value);
        header[21] = (byte)type;
        output.Advance(FrameLimits.HeaderSizeBytes + OverheadBytes);
        output.Append(body);
    }

    public static bool TryRead(ReadOnlySpan<byte> frame, out NodeId origin, out NodeId destination, out FrameType type, out ReadOnlySpan<byte> body)
    {
        (origin, destination, type) = (default, default, FrameType.None);
        body = default;
        if (frame.Length < OverheadBytes)
            return false;
        origin = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(frame));
        destination = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(frame[8..]));
        type = (FrameType)frame[16];
        body = frame[OverheadBytes..];
        return !origin.IsNone && !destination.IsNone && type is not (FrameType.Relay or FrameType.None);
    }
}
