using System.Buffers.Text;
using System.Text;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Client;

/// <summary>Reads what servers answer.</summary>
internal static class ServerReplies
{
    /// <summary>ERROR: code, text.</summary>
    public static GearmanServerException ToException(in IncomingPacket packet)
    {
        var arguments = new PacketArguments(packet.Body);
        return arguments.TryNext(out var code)
            ? new GearmanServerException(Encoding.UTF8.GetString(code), Encoding.UTF8.GetString(arguments.Last))
            : new GearmanServerException(Encoding.UTF8.GetString(packet.Body), "");
    }

    /// <summary>The line <c>ERR CODE words+joined+by+plus</c>.</summary>
    public static GearmanServerException ToException(string line)
    {
        var words = line.Split(' ', 3);
        return new GearmanServerException(words.Length > 1 ? words[1] : line, words.Length > 2 ? words[2].Replace('+', ' ') : "");
    }

    /// <summary>What follows the handle in WORK_STATUS: numerator, denominator.</summary>
    public static JobProgress ToProgress(PacketArguments arguments)
    {
        if (!arguments.TryNext(out var numerator))
            throw new GearmanProtocolException("a status without a denominator");
        return new JobProgress(ToNumber(numerator), ToNumber(arguments.Last));
    }

    /// <summary>STATUS_RES: handle, known, running, numerator, denominator.</summary>
    public static JobStatus ToStatus(in IncomingPacket packet)
    {
        var arguments = new PacketArguments(packet.Body);
        if (!arguments.TryNext(out _) || !arguments.TryNext(out var known) || !arguments.TryNext(out var running))
            throw new GearmanProtocolException("STATUS_RES with too few arguments");
        return new JobStatus(ToNumber(known) != 0, ToNumber(running) != 0, ToProgress(arguments), null);
    }

    /// <summary>STATUS_RES_UNIQUE: unique, known, running, numerator, denominator, waiting clients.</summary>
    public static JobStatus ToStatusByUnique(in IncomingPacket packet)
    {
        var arguments = new PacketArguments(packet.Body);
        if (!arguments.TryNext(out _) || !arguments.TryNext(out var known) || !arguments.TryNext(out var running)
            || !arguments.TryNext(out var numerator) || !arguments.TryNext(out var denominator))
        {
            throw new GearmanProtocolException("STATUS_RES_UNIQUE with too few arguments");
        }

        return new JobStatus(
            ToNumber(known) != 0,
            ToNumber(running) != 0,
            new JobProgress(ToNumber(numerator), ToNumber(denominator)),
            ToNumber(arguments.Last));
    }

    /// <summary>Workers send whole numbers, some send fractions, and what is neither says nothing.</summary>
    private static long ToNumber(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd((byte)0);
        if (Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length)
            return whole;
        return Utf8Parser.TryParse(text, out double fraction, out _) && Math.Abs(fraction) < long.MaxValue ? (long)fraction : 0;
    }
}
