using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// CAN_DO_TIMEOUT (23), worker to server: as CAN_DO, and a job of this function that runs longer is taken away from the worker.
/// Not answered.
/// <code>function \0 timeout</code>
/// The timeout is in milliseconds for gearmand and for us; Perl's client and server take it for seconds.
/// Source: PROTOCOL, "Worker Requests".
/// </summary>
public readonly ref struct CanDoTimeoutPacket
{
    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>The time as sent, in ASCII digits.</summary>
    public ReadOnlySpan<byte> Timeout { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out CanDoTimeoutPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new CanDoTimeoutPacket { Function = function, Timeout = arguments.Last };
        return true;
    }

    /// <summary>The time in milliseconds; 0 or less, and anything that is no number, means no limit.</summary>
    public long TimeoutMs => AsciiNumber.Leading(Timeout);

    public static void Write(ByteQueue output, ReadOnlySpan<byte> function, ulong timeoutMs)
    {
        Span<byte> digits = stackalloc byte[AsciiNumber.MaxBytes];
        PacketWriter.Write(
            output, PacketMagic.Request, PacketType.CanDoTimeout, function, digits[..AsciiNumber.Format(digits, timeoutMs)]);
    }
}
