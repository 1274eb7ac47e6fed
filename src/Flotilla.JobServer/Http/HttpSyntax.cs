using System.Buffers;

namespace Flotilla.JobServer.Http;

/// <summary>The character classes of RFC 9110 and the one way this front cuts bytes into lines.</summary>
internal static class HttpSyntax
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> ControlsButTab = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(TokenBytes);

    /// <summary>No control characters but tabs: what a field value or a chunk extension may hold.</summary>
    public static bool IsFieldText(ReadOnlySpan<byte> bytes) => !bytes.ContainsAny(ControlsButTab);

    /// <summary>
    /// Cuts the line at the head, which ends with LF or CRLF; the demo of the original protocol is typed with bare line feeds. A CR
    /// that belongs to no line end and a zero byte are refused: other programs disagree on what they mean, which is how requests
    /// are smuggled.
    /// </summary>
    public static ParseOutcome TakeLine(ReadOnlySpan<byte> source, int maxBytes, int statusWhenLonger, out ReadOnlySpan<byte> line)
    {
        var end = source[..Math.Min(source.Length, maxBytes)].IndexOf((byte)'\n');
        if (end < 0)
        {
            line = default;
            return source.Length < maxBytes ? ParseOutcome.NeedsMore : ParseOutcome.Refused(statusWhenLonger, "a line is too long");
        }

        line = source[..end];
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        return line.IndexOfAny((byte)'\r', (byte)0) < 0
            ? ParseOutcome.Taken(end + 1)
            : ParseOutcome.Refused(400, "a bare carriage return or a zero byte in a line");
    }

    public static ReadOnlySpan<byte> TrimBlanks(ReadOnlySpan<byte> bytes) => bytes.Trim(" \t"u8);

    /// <summary>Digits only, no sign, no blanks, at most 18 of them.</summary>
    public static bool TryReadDigits(ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        if (bytes.IsEmpty || bytes.Length > 18 || bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        foreach (var digit in bytes)
            value = value * 10 + (digit - '0');
        return true;
    }
}
