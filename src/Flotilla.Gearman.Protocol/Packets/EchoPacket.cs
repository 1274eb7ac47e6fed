using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// ECHO_REQ (16), to a server, and ECHO_RES (17), its answer with the same bytes.
/// <code>payload</code>
/// Source: PROTOCOL, "Client/Worker Requests".
/// </summary>
public readonly ref struct EchoPacket
{
    /// <summary>Opaque; zero bytes allowed.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out EchoPacket packet, out ProtocolError error)
    {
        packet = new EchoPacket { Payload = body };
        error = default;
        return true;
    }

    public static void Write(ByteQueue output, PacketType type, ReadOnlySpan<byte> payload)
    {
        Invariant.Require(type is PacketType.EchoReq or PacketType.EchoRes);
        PacketWriter.Write(output, type == PacketType.EchoReq ? PacketMagic.Request : PacketMagic.Response, type, payload);
    }
}
