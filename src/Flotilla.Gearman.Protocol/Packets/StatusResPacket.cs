using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// STATUS_RES (20), server to client, the answer to GET_STATUS.
/// <code>handle \0 known \0 running \0 numerator \0 denominator</code>
/// Known and running are <c>0</c> or <c>1</c>; an unknown job has zeros throughout. Source: PROTOCOL, "Client Responses".
/// </summary>
public readonly ref struct StatusResPacket
{
    /// <summary>The handle asked for.</summary>
    public ReadOnlySpan<byte> Handle { get; private init; }

    /// <summary>The server has the job, waiting or running.</summary>
    public bool Known { get; private init; }

    /// <summary>A worker has the job.</summary>
    public bool Running { get; private init; }

    /// <summary>Done so far, as the worker reported.</summary>
    public ulong Numerator { get; private init; }

    /// <summary>To do in all, as the worker reported.</summary>
    public ulong Denominator { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out StatusResPacket packet, out ProtocolError error)
    {
        packet = default;
        var arguments = new PacketArguments(body);
        var numbers = new StatusNumbers();
        if (!arguments.TryNext(out var handle))
        {
            error = arguments.Missing;
            return false;
        }

        if (!numbers.TryParseTerminated(ref arguments, 3, out error)
            || !StatusNumbers.TryParse(arguments.Last, 5, arguments.TakenBytes, out var denominator, out error))
            return false;
        packet = new StatusResPacket
        {
            Handle = handle,
            Known = numbers.First != 0,
            Running = numbers.Second != 0,
            Numerator = numbers.Third,
            Denominator = denominator,
        };
        return true;
    }

    public static void Write(ByteQueue output, ReadOnlySpan<byte> handle, bool known, bool running, ulong numerator, ulong denominator)
    {
        Span<byte> first = stackalloc byte[AsciiNumber.MaxBytes];
        Span<byte> second = stackalloc byte[AsciiNumber.MaxBytes];
        first = first[..AsciiNumber.Format(first, numerator)];
        second = second[..AsciiNumber.Format(second, denominator)];
        var body = new PacketBody(
            output, PacketMagic.Response, PacketType.StatusRes, handle.Length + first.Length + 6, second.Length);
        body.Put(handle);
        body.Put(known ? "1"u8 : "0"u8);
        body.Put(running ? "1"u8 : "0"u8);
        body.Put(first);
        body.End(second);
    }
}
