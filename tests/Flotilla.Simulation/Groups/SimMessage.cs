using System.Buffers.Binary;

namespace Flotilla.Simulation.Groups;

/// <summary>A message of the simulated application: its number, a check, filler.</summary>
internal static class SimMessage
{
    public const int SizeBytesMin = 16;

    public static void Write(Span<byte> body, ulong message)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(body, message);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], Mix(message ^ (ulong)body.Length));
        body[SizeBytesMin..].Fill((byte)message);
    }

    /// <summary>0 for bytes that nobody can have sent.</summary>
    public static ulong Read(ReadOnlySpan<byte> body)
    {
        if (body.Length < SizeBytesMin)
            return 0;
        var message = BinaryPrimitives.ReadUInt64LittleEndian(body);
        if (BinaryPrimitives.ReadUInt64LittleEndian(body[8..]) != Mix(message ^ (ulong)body.Length))
            return 0;
        return body[SizeBytesMin..].ContainsAnyExcept((byte)message) ? 0 : message;
    }

    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
