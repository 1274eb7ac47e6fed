using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// JOB_CREATED (8), server to client; GET_STATUS (15), client to server, answered with STATUS_RES; WORK_FAIL (14), worker to server and
/// server to client: a job ended without a result. As our extension WORK_FAIL from server to worker says that its job was cancelled.
/// <code>handle</code>
/// gearmand sends a WORK_FAIL that stands for an exception with a zero byte after the handle; <see cref="Handle"/> leaves it out.
/// Source: PROTOCOL, "Client Requests", "Worker Requests", "Client/Worker Responses".
/// </summary>
public readonly ref struct HandlePacket
{
    /// <summary>The body as it came.</summary>
    public ReadOnlySpan<byte> Body { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out HandlePacket packet, out ProtocolError error)
    {
        packet = new HandlePacket { Body = body };
        error = default;
        return true;
    }

    /// <summary>The job handle.</summary>
    public ReadOnlySpan<byte> Handle => Body.TrimEnd((byte)0);

    public static void Write(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> handle)
    {
        Invariant.Require(type is PacketType.JobCreated or PacketType.GetStatus or PacketType.WorkFail);
        PacketWriter.Write(output, magic, type, handle);
    }
}
