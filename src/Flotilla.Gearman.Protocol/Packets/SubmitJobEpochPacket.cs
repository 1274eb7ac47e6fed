using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// SUBMIT_JOB_EPOCH (36), client to server: a background job of normal priority that runs no earlier than a time. Answered with
/// JOB_CREATED or ERROR.
/// <code>function \0 unique \0 epoch \0 data</code>
/// The epoch is in seconds since 1970 UTC; a fraction (<c>1700000000.250</c>) is our extension.
/// Source: PROTOCOL, "Client Requests".
/// </summary>
public readonly ref struct SubmitJobEpochPacket
{
    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>The unique key; empty for none, <c>-</c> for "the payload is the key".</summary>
    public ReadOnlySpan<byte> Unique { get; private init; }

    /// <summary>The time as sent.</summary>
    public ReadOnlySpan<byte> Epoch { get; private init; }

    /// <summary>The payload, opaque; zero bytes allowed.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out SubmitJobEpochPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function)
            || !arguments.TryNext(out var unique)
            || !arguments.TryNext(out var epoch))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new SubmitJobEpochPacket { Function = function, Unique = unique, Epoch = epoch, Data = arguments.Last };
        return true;
    }

    /// <summary>
    /// The time in milliseconds since 1970 UTC. Digits, optionally a point and more digits (beyond milliseconds they are ignored).
    /// False for anything else; gearmand runs such a job at once, and never answers when the number is out of range.
    /// A time after the year 9999 counts as that year: it will not come sooner.
    /// </summary>
    public bool TryGetDueMs(out long dueMs)
    {
        const ulong secondsMax = 253_402_300_799;
        dueMs = 0;
        var point = Epoch.IndexOf((byte)'.');
        var whole = point < 0 ? Epoch : Epoch[..point];
        var fraction = point < 0 ? default : Epoch[(point + 1)..];
        if (whole.IsEmpty || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (point >= 0 && fraction.IsEmpty))
            return false;

        var seconds = AsciiNumber.TryParse(whole.TrimStart((byte)'0'), out var value) ? Math.Min(value, secondsMax)
            : whole.ContainsAnyExcept((byte)'0') ? secondsMax : 0;
        var milliseconds = 0;
        for (var i = 0; i < 3; i++)
            milliseconds = (milliseconds * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        dueMs = ((long)seconds * 1000) + milliseconds;
        return true;
    }

    /// <summary>Whole seconds are written without a fraction, so that every server understands them.</summary>
    public static void Write(
        ByteQueue output, ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique, long dueMs, ReadOnlyMemory<byte> data)
    {
        Span<byte> buffer = stackalloc byte[AsciiNumber.MaxBytes + 4];
        var epoch = buffer[..FormatEpoch(buffer, dueMs)];
        var terminated = function.Length + unique.Length + epoch.Length + 3;
        var body = new PacketBody(output, PacketMagic.Request, PacketType.SubmitJobEpoch, terminated, data.Length, mayShare: true);
        body.Put(function);
        body.Put(unique);
        body.Put(epoch);
        body.End(data);
    }

    private static int FormatEpoch(Span<byte> target, long dueMs)
    {
        Invariant.Require(dueMs >= 0);
        var length = AsciiNumber.Format(target, (ulong)dueMs / 1000);
        var milliseconds = (int)(dueMs % 1000);
        if (milliseconds == 0)
            return length;
        target[length++] = (byte)'.';
        target[length++] = (byte)('0' + (milliseconds / 100));
        target[length++] = (byte)('0' + (milliseconds / 10 % 10));
        target[length++] = (byte)('0' + (milliseconds % 10));
        return length;
    }
}
