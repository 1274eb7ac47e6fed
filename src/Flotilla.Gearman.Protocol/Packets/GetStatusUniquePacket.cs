using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// GET_STATUS_UNIQUE (41), client to server, answered with STATUS_RES_UNIQUE. Servers look the key up without regard to functions.
/// <code>unique</code>
/// Source: PROTOCOL, "Client Requests".
/// </summary>
public readonly ref struct GetStatusUniquePacket
{
    /// <summary>The unique key.</summary>
    public ReadOnlySpan<byte> Unique { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out GetStatusUniquePacket packet, out ProtocolError error)
    {
        packet = new GetStatusUniquePacket { Unique = body };
        error = default;
        return true;
    }

    public static void Write(ByteQueue output, ReadOnlySpan<byte> unique)
        => PacketWriter.Write(output, PacketMagic.Request, PacketType.GetStatusUnique, unique);
}
