using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// OPTION_REQ (26), to a server, and OPTION_RES (27), its answer with the same name when it knows it (else ERROR UNKNOWN_OPTION).
/// <code>name</code>
/// Names are in <see cref="OptionNames"/>. Source: PROTOCOL, "Client/Worker Requests".
/// </summary>
public readonly ref struct OptionPacket
{
    /// <summary>The option.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out OptionPacket packet, out ProtocolError error)
    {
        packet = new OptionPacket { Name = body };
        error = default;
        return true;
    }

    public static void Write(ByteQueue output, PacketType type, ReadOnlySpan<byte> name)
    {
        Invariant.Require(type is PacketType.OptionReq or PacketType.OptionRes);
        PacketWriter.Write(output, type == PacketType.OptionReq ? PacketMagic.Request : PacketMagic.Response, type, name);
    }
}
