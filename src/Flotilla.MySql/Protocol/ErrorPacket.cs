using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>
/// ERR: <code>1 0xff | 2 number | 1 '#' | 5 SQLSTATE | rest: message</code>
/// Errors before the handshake come without '#' and SQLSTATE.
/// </summary>
public readonly record struct ErrorPacket(ushort Number, string SqlState, string Message)
{
    public static bool Is(ReadOnlySpan<byte> payload) => payload.Length > 0 && payload[0] == 0xff;

    public static ErrorPacket Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "error");
        reader.Expect(0xff);
        var number = reader.ReadUInt16();
        var rest = reader.ReadRest();
        if (rest is not [(byte)'#', ..] || rest.Length < 6)
            return new ErrorPacket(number, "HY000", Encoding.UTF8.GetString(rest));
        return new ErrorPacket(number, Encoding.UTF8.GetString(rest[1..6]), Encoding.UTF8.GetString(rest[6..]));
    }
}
