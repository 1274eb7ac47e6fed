using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// JOB_ASSIGN (11), server to worker, the answer to GRAB_JOB.
/// <code>handle \0 function \0 data</code>
/// Source: PROTOCOL, "Worker Responses".
/// </summary>
public readonly ref struct JobAssignPacket
{
    /// <summary>The job handle.</summary>
    public ReadOnlySpan<byte> Handle { get; private init; }

    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>The payload, opaque; zero bytes allowed.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out JobAssignPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var handle)
            || !arguments.TryNext(out var function))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new JobAssignPacket { Handle = handle, Function = function, Data = arguments.Last };
        return true;
    }

    public static void Write(ByteQueue output, ReadOnlySpan<byte> handle, ReadOnlySpan<byte> function, ReadOnlySpan<byte> data)
        => PacketWriter.Write(output, PacketMagic.Response, PacketType.JobAssign, handle, function, data);

    /// <summary>As the other, for data that never changes: large data is not copied.</summary>
    public static void Write(ByteQueue output, ReadOnlySpan<byte> handle, ReadOnlySpan<byte> function, ReadOnlyMemory<byte> data)
    {
        var body = new PacketBody(
            output, PacketMagic.Response, PacketType.JobAssign, handle.Length + function.Length + 2, data.Length, mayShare: true);
        body.Put(handle);
        body.Put(function);
        body.End(data);
    }
}
