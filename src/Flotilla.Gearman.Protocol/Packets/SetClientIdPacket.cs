using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// SET_CLIENT_ID (22), worker to server: a name for the lists of workers. Not answered.
/// <code>id</code>
/// Source: PROTOCOL, "Worker Requests".
/// </summary>
public readonly ref struct SetClientIdPacket
{
    /// <summary>Any bytes; servers keep the first <see cref="ProtocolLimits.MaxClientIdBytes"/>.</summary>
    public ReadOnlySpan<byte> Id { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out SetClientIdPacket packet, out ProtocolError error)
    {
        packet = new SetClientIdPacket { Id = body };
        error = default;
        return true;
    }

    public static void Write(ByteQueue output, ReadOnlySpan<byte> id)
        => PacketWriter.Write(output, PacketMagic.Request, PacketType.SetClientId, id);
}
