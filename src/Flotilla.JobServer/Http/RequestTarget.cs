namespace Flotilla.JobServer.Http;

/// <summary>
/// From a request's target to a function's name: everything after the first slash, percent-decoded; a query is ignored. The
/// absolute form (<c>http://host/function</c>) is accepted because RFC 9112, section 3.2.2 wants it accepted.
/// </summary>
internal static class RequestTarget
{
    /// <summary>
    /// Writes the name to <paramref name="function"/>; taken is the name's length plus one, so that an empty name is not "more needed".
    /// </summary>
    public static ParseOutcome ReadFunction(ReadOnlySpan<byte> target, Span<byte> function)
    {
        var path = Path(target);
        if (path.IsEmpty || path[0] != '/' || path.Contains((byte)'#'))
            return ParseOutcome.Refused(400, "the target is not a path");
        path = path[1..];
        if (path.IsEmpty)
            return ParseOutcome.Refused(404, "no function is named");
        var length = 0;
        for (var at = 0; at < path.Length; at++)
        {
            var value = (int)path[at];
            if (value == '%' && !TryReadEscape(path, ref at, out value))
                return ParseOutcome.Refused(400, "a broken percent escape in the target");
            if (value == 0)
                return ParseOutcome.Refused(400, "a zero byte in the function's name");
            if (length == function.Length)
                return ParseOutcome.Refused(414, "the function's name is too long");
            function[length++] = (byte)value;
        }

        return ParseOutcome.Taken(length + 1);
    }

    private static ReadOnlySpan<byte> Path(ReadOnlySpan<byte> target)
    {
        var query = target.IndexOf((byte)'?');
        if (query >= 0)
            target = target[..query];
        if (!System.Text.Ascii.EqualsIgnoreCase(target[..Math.Min(7, target.Length)], "http://"u8))
            return target;
        var slash = target[7..].IndexOf((byte)'/');
        return slash <= 0 ? default : target[(7 + slash)..];
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> path, ref int at, out int value)
    {
        value = 0;
        if (at + 2 >= path.Length || !char.IsAsciiHexDigit((char)path[at + 1]) || !char.IsAsciiHexDigit((char)path[at + 2]))
            return false;
        value = Convert.FromHexString([(char)path[at + 1], (char)path[at + 2]])[0];
        at += 2;
        return true;
    }
}
