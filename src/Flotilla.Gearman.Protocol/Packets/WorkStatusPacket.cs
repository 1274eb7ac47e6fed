using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// WORK_STATUS (12), worker to server and server to client: how far a job is.
/// <code>handle \0 numerator \0 denominator</code>
/// Both are text; servers pass them on as they are.
/// Source: PROTOCOL, "Worker Requests".
/// </summary>
public readonly ref struct WorkStatusPacket
{
    /// <summary>The job handle.</summary>
    public ReadOnlySpan<byte> Handle { get; private init; }

    /// <summary>Done so far, as sent.</summary>
    public ReadOnlySpan<byte> Numerator { get; private init; }

    /// <summary>To do in all, as sent.</summary>
    public ReadOnlySpan<byte> Denominator { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out WorkStatusPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var handle)
            || !arguments.TryNext(out var numerator))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new WorkStatusPacket { Handle = handle, Numerator = numerator, Denominator = arguments.Last };
        return true;
    }

    /// <summary>The numerator as a number, 0 when it is none or negative.</summary>
    public ulong NumeratorValue => (ulong)Math.Max(0, AsciiNumber.Leading(Numerator));

    /// <summary>The denominator as a number, 0 when it is none or negative.</summary>
    public ulong DenominatorValue => (ulong)Math.Max(0, AsciiNumber.Leading(Denominator));

    public static void Write(ByteQueue output, PacketMagic magic, ReadOnlySpan<byte> handle, ulong numerator, ulong denominator)
    {
        Span<byte> first = stackalloc byte[AsciiNumber.MaxBytes];
        Span<byte> second = stackalloc byte[AsciiNumber.MaxBytes];
        PacketWriter.Write(
            output, magic, PacketType.WorkStatus, handle,
            first[..AsciiNumber.Format(first, numerator)], second[..AsciiNumber.Format(second, denominator)]);
    }
}
