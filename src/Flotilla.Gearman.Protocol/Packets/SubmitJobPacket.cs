using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// SUBMIT_JOB (7), SUBMIT_JOB_HIGH (21), SUBMIT_JOB_LOW (33) and in the background SUBMIT_JOB_BG (18), SUBMIT_JOB_HIGH_BG (32),
/// SUBMIT_JOB_LOW_BG (34), client to server. Answered with JOB_CREATED or ERROR.
/// <code>function \0 unique \0 data</code>
/// Source: PROTOCOL, "Client Requests".
/// </summary>
public readonly ref struct SubmitJobPacket
{
    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>The unique key; empty for none, <c>-</c> for "the payload is the key".</summary>
    public ReadOnlySpan<byte> Unique { get; private init; }

    /// <summary>The payload, opaque; zero bytes allowed.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out SubmitJobPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function)
            || !arguments.TryNext(out var unique))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new SubmitJobPacket { Function = function, Unique = unique, Data = arguments.Last };
        return true;
    }

    public static void Write(
        ByteQueue output, PacketType type, ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique, ReadOnlySpan<byte> data)
    {
        Invariant.Require(IsOfThisForm(type));
        PacketWriter.Write(output, PacketMagic.Request, type, function, unique, data);
    }

    /// <summary>As the other, for data that its owner will not change before it is sent: large data is not copied.</summary>
    public static void Write(
        ByteQueue output, PacketType type, ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique, ReadOnlyMemory<byte> data)
    {
        Invariant.Require(IsOfThisForm(type));
        var body = new PacketBody(
            output, PacketMagic.Request, type, function.Length + unique.Length + 2, data.Length, mayShare: true);
        body.Put(function);
        body.Put(unique);
        body.End(data);
    }

    private static bool IsOfThisForm(PacketType type) => type is PacketType.SubmitJob or PacketType.SubmitJobHigh or PacketType.SubmitJobLow
        or PacketType.SubmitJobBg or PacketType.SubmitJobHighBg or PacketType.SubmitJobLowBg;
}
