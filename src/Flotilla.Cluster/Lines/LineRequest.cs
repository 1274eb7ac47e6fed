using System.Buffers.Text;
using System.Text;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cluster.Lines;

/// <summary>One line of the membership protocol: a verb, and what <see cref="LineVerb.Join"/> announces.</summary>
public readonly record struct LineRequest(LineVerb Verb, Announcement? Announcement = null)
{
    /// <summary>Longest line in bytes, without its end: what the original read at once.</summary>
    public const int LengthMax = 512;

    /// <summary>Longest host name that DNS has.</summary>
    public const int HostLengthMax = 255;

    private const int WordsMax = 5;

    /// <summary>Reads a line without its end. Words are parted by blanks and tabs; verbs, statuses and roles are in small letters.</summary>
    public static LineProblem Parse(ReadOnlySpan<byte> line, out LineRequest request)
    {
        request = default;
        if (line.Length > LengthMax)
            return LineProblem.LineTooLong;
        Span<Range> words = stackalloc Range[WordsMax];
        if (!TrySplit(line, words, out var count))
            return count == 0 ? LineProblem.UnknownCommand : LineProblem.WrongArguments;
        var verb = line[words[0]];
        if (verb.SequenceEqual("join"u8))
            return count == WordsMax ? ParseJoin(line, words, out request) : LineProblem.WrongArguments;
        LineVerb? simple = verb switch
        {
            _ when verb.SequenceEqual("leave"u8) => LineVerb.Leave,
            _ when verb.SequenceEqual("heartbeat"u8) => LineVerb.Heartbeat,
            _ when verb.SequenceEqual("serverlist"u8) => LineVerb.ServerList,
            _ => null,
        };
        if (simple is not { } known)
            return LineProblem.UnknownCommand;
        request = new LineRequest(known);
        return count == 1 ? LineProblem.None : LineProblem.WrongArguments;
    }

    private static LineProblem ParseJoin(ReadOnlySpan<byte> line, ReadOnlySpan<Range> words, out LineRequest request)
    {
        request = default;
        var host = line[words[1]];
        var port = line[words[2]];
        if (host.Length > HostLengthMax || host.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return LineProblem.BadHost;
        if (port.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(port, out ushort number, out var used) || used != port.Length || number == 0)
            return LineProblem.BadPort;
        if (LineWords.Status(line[words[3]]) is not { } status)
            return LineProblem.BadStatus;
        if (LineWords.Role(line[words[4]]) is not { } role)
            return LineProblem.BadRole;
        request = new LineRequest(LineVerb.Join, new Announcement(Encoding.ASCII.GetString(host), number, status, role));
        return LineProblem.None;
    }

    /// <summary>False for no word at all, and for more than there is room for.</summary>
    private static bool TrySplit(ReadOnlySpan<byte> line, Span<Range> words, out int count)
    {
        count = 0;
        var at = 0;
        while (true)
        {
            while (at < line.Length && IsBlank(line[at]))
                at++;
            if (at == line.Length)
                return count > 0;
            var start = at;
            while (at < line.Length && !IsBlank(line[at]))
                at++;
            if (count == words.Length)
                return false;
            words[count++] = start..at;
        }
    }

    private static bool IsBlank(byte one) => one is (byte)' ' or (byte)'\t';
}
