namespace Flotilla.MySql.Protocol;

/// <summary>EOF, from servers that do not deprecate it: <code>1 0xfe | 2 warnings | 2 status</code></summary>
public readonly record struct EofPacket(ushort Warnings, ServerStatus Status)
{
    /// <summary>0xfe also begins a row with a very long field; such a row is longer than 8 bytes.</summary>
    public static bool Is(ReadOnlySpan<byte> payload) => payload.Length is > 0 and < 9 && payload[0] == 0xfe;

    public static EofPacket Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "EOF");
        reader.Expect(0xfe);
        return new EofPacket(reader.ReadUInt16(), (ServerStatus)reader.ReadUInt16());
    }
}
