using System.Buffers.Binary;

namespace Flotilla.Groups.Core.Frames;

/// <summary>The sender's life is over, in good order: it acts no more for any view. u32 incarnation.</summary>
internal static class GoodbyeFrame
{
    public const int SizeBytes = 4;

    public static void Write(Span<byte> target, uint incarnation) => BinaryPrimitives.WriteUInt32LittleEndian(target, incarnation);

    public static bool TryRead(ReadOnlySpan<byte> body, out uint incarnation)
    {
        incarnation = body.Length == SizeBytes ? BinaryPrimitives.ReadUInt32LittleEndian(body) : 0;
        return incarnation != 0;
    }
}
