using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// WORK_COMPLETE (13, final), WORK_EXCEPTION (25, final), WORK_DATA (28) and WORK_WARNING (29), worker to server and server to client.
/// <code>handle \0 data</code>
/// Source: PROTOCOL, "Worker Requests", "Client/Worker Responses".
/// </summary>
public readonly ref struct WorkDataPacket
{
    /// <summary>The job handle.</summary>
    public ReadOnlySpan<byte> Handle { get; private init; }

    /// <summary>The result, the part of it, the warning or the exception; opaque.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out WorkDataPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var handle))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new WorkDataPacket { Handle = handle, Data = arguments.Last };
        return true;
    }

    public static void Write(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> handle, ReadOnlySpan<byte> data)
    {
        Invariant.Require(IsOfThisForm(type));
        PacketWriter.Write(output, magic, type, handle, data);
    }

    /// <summary>As the other, for data that its owner will not change before it is sent: large data is not copied.</summary>
    public static void Write(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> handle, ReadOnlyMemory<byte> data)
    {
        Invariant.Require(IsOfThisForm(type));
        PacketWriter.Write(output, magic, type, handle, data);
    }

    private static bool IsOfThisForm(PacketType type)
        => type is PacketType.WorkComplete or PacketType.WorkException or PacketType.WorkData or PacketType.WorkWarning;
}
