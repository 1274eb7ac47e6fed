using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// ERROR (19), server to client or worker: the request before could not be done.
/// <code>code \0 text</code>
/// Codes are in <see cref="ErrorCodes"/>. Source: PROTOCOL, "Client/Worker Responses".
/// </summary>
public readonly ref struct ErrorPacket
{
    /// <summary>For programs, as <c>JOB_NOT_FOUND</c>.</summary>
    public ReadOnlySpan<byte> Code { get; private init; }

    /// <summary>For people.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out ErrorPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var code))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new ErrorPacket { Code = code, Text = arguments.Last };
        return true;
    }

    public static void Write(ByteQueue output, ReadOnlySpan<byte> code, ReadOnlySpan<byte> text)
        => PacketWriter.Write(output, PacketMagic.Response, PacketType.Error, code, text);
}
