using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// JOB_ASSIGN_UNIQ (31), server to worker, the answer to GRAB_JOB_UNIQ, and to GRAB_JOB_ALL when the job has no reducer.
/// <code>handle \0 function \0 unique \0 data</code>
/// Source: PROTOCOL, "Worker Responses".
/// </summary>
public readonly ref struct JobAssignUniqPacket
{
    /// <summary>The job handle.</summary>
    public ReadOnlySpan<byte> Handle { get; private init; }

    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>The unique key; empty for none, <c>-</c> for "the payload is the key".</summary>
    public ReadOnlySpan<byte> Unique { get; private init; }

    /// <summary>The payload, opaque; zero bytes allowed.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out JobAssignUniqPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var handle)
            || !arguments.TryNext(out var function)
            || !arguments.TryNext(out var unique))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new JobAssignUniqPacket { Handle = handle, Function = function, Unique = unique, Data = arguments.Last };
        return true;
    }

    public static void Write(
        ByteQueue output, ReadOnlySpan<byte> handle, ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique, ReadOnlySpan<byte> data)
        => PacketWriter.Write(output, PacketMagic.Response, PacketType.JobAssignUniq, handle, function, unique, data);

    /// <summary>As the other, for data that never changes: large data is not copied.</summary>
    public static void Write(
        ByteQueue output, ReadOnlySpan<byte> handle, ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique, ReadOnlyMemory<byte> data)
    {
        var terminated = handle.Length + function.Length + unique.Length + 3;
        var body = new PacketBody(output, PacketMagic.Response, PacketType.JobAssignUniq, terminated, data.Length, mayShare: true);
        body.Put(handle);
        body.Put(function);
        body.Put(unique);
        body.End(data);
    }
}
