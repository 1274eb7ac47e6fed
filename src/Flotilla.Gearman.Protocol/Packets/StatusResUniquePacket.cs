using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// STATUS_RES_UNIQUE (42), server to client, the answer to GET_STATUS_UNIQUE.
/// <code>unique \0 known \0 running \0 numerator \0 denominator \0 clients</code>
/// The protocol text calls the first argument a job handle; every server sends the key that was asked for.
/// Source: PROTOCOL, "Client Responses", and gearmand's behaviour.
/// </summary>
public readonly ref struct StatusResUniquePacket
{
    /// <summary>The key asked for.</summary>
    public ReadOnlySpan<byte> Unique { get; private init; }

    /// <summary>The server has a job with this key, waiting or running.</summary>
    public bool Known { get; private init; }

    /// <summary>A worker has the job.</summary>
    public bool Running { get; private init; }

    /// <summary>Done so far, as the worker reported.</summary>
    public ulong Numerator { get; private init; }

    /// <summary>To do in all, as the worker reported.</summary>
    public ulong Denominator { get; private init; }

    /// <summary>How many clients wait for the job.</summary>
    public ulong Clients { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out StatusResUniquePacket packet, out ProtocolError error)
    {
        packet = default;
        var arguments = new PacketArguments(body);
        var numbers = new StatusNumbers();
        if (!arguments.TryNext(out var unique))
        {
            error = arguments.Missing;
            return false;
        }

        if (!numbers.TryParseTerminated(ref arguments, 4, out error)
            || !StatusNumbers.TryParse(arguments.Last, 6, arguments.TakenBytes, out var clients, out error))
            return false;
        packet = new StatusResUniquePacket
        {
            Unique = unique,
            Known = numbers.First != 0,
            Running = numbers.Second != 0,
            Numerator = numbers.Third,
            Denominator = numbers.Fourth,
            Clients = clients,
        };
        return true;
    }

    public static void Write(
        ByteQueue output, ReadOnlySpan<byte> unique, bool known, bool running, ulong numerator, ulong denominator, ulong clients)
    {
        Span<byte> first = stackalloc byte[AsciiNumber.MaxBytes];
        Span<byte> second = stackalloc byte[AsciiNumber.MaxBytes];
        Span<byte> third = stackalloc byte[AsciiNumber.MaxBytes];
        first = first[..AsciiNumber.Format(first, numerator)];
        second = second[..AsciiNumber.Format(second, denominator)];
        third = third[..AsciiNumber.Format(third, clients)];
        var body = new PacketBody(
            output, PacketMagic.Response, PacketType.StatusResUnique, unique.Length + first.Length + second.Length + 7, third.Length);
        body.Put(unique);
        body.Put(known ? "1"u8 : "0"u8);
        body.Put(running ? "1"u8 : "0"u8);
        body.Put(first);
        body.Put(second);
        body.End(third);
    }
}
