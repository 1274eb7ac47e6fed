using System.Text;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Http;

/// <summary>
/// Reads request line and header fields (RFC 9112, sections 2 to 6), strictly: what two programs could read differently is refused.
/// Two leniencies on purpose, for requests typed by hand: lines may end with a bare LF, and Host may be missing.
/// </summary>
internal static class RequestHeadParser
{
    /// <summary>Empty lines tolerated before a request line: what a person types after a body whose length was announced.</summary>
    private const int MaxLeadingEmptyLines = 4;

    public static ParseOutcome Parse(ReadOnlySpan<byte> source, HttpFrontOptions options, out RequestHead head)
    {
        head = new RequestHead();
        var at = SkipEmptyLines(source);
        var outcome = Limited(source, at, options, out var line);
        if (outcome.UsedBytes == 0)
            return outcome;
        at += outcome.UsedBytes;
        var refusal = ReadRequestLine(line, ref head);
        for (var fields = 0; !refusal.IsRefused; fields++)
        {
            outcome = Limited(source, at, options, out line);
            if (outcome.UsedBytes == 0)
                return outcome;
            at += outcome.UsedBytes;
            if (line.IsEmpty)
                return Check(ref head, at);
            refusal = fields == options.MaxFields
                ? ParseOutcome.Refused(431, "too many header fields")
                : ReadField(line, ref head);
        }

        return refusal;
    }

    private static int SkipEmptyLines(ReadOnlySpan<byte> source)
    {
        var at = 0;
        for (var lines = 0; lines < MaxLeadingEmptyLines; lines++)
        {
            if (source[at..].StartsWith("\n"u8))
                at++;
            else if (source[at..].StartsWith("\r\n"u8))
                at += 2;
            else
                break;
        }

        return at;
    }

    private static ParseOutcome Limited(ReadOnlySpan<byte> source, int at, HttpFrontOptions options, out ReadOnlySpan<byte> line)
        => HttpSyntax.TakeLine(source[at..], Math.Max(1, options.MaxHeadBytes - at), 431, out line);

    /// <summary>method SP target SP version, one blank each.</summary>
    private static ParseOutcome ReadRequestLine(ReadOnlySpan<byte> line, ref RequestHead head)
    {
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last == first)
            return ParseOutcome.Refused(400, "the request line is not: method, target, version");
        var method = line[..first];
        var version = line[(last + 1)..];
        head.Target = line[(first + 1)..last];
        if (!HttpSyntax.IsToken(method))
            return ParseOutcome.Refused(400, "the method is not a token");
        if (head.Target.IsEmpty || head.Target.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E))
            return ParseOutcome.Refused(400, "the target holds blanks, controls or bytes that must be escaped");
        if (version.SequenceEqual("HTTP/1.1"u8))
            head.MinorVersion = 1;
        else if (!version.SequenceEqual("HTTP/1.0"u8))
            return version.StartsWith("HTTP/"u8)
                ? ParseOutcome.Refused(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
                : ParseOutcome.Refused(400, "the request line ends with no version");
        return ReadMethod(method, ref head);
    }

    private static ParseOutcome ReadMethod(ReadOnlySpan<byte> method, ref RequestHead head)
    {
        if (method.SequenceEqual("GET"u8))
            head.Method = RequestMethod.Get;
        else if (method.SequenceEqual("POST"u8))
            head.Method = RequestMethod.Post;
        else if (method.SequenceEqual("PUT"u8))
            head.Method = RequestMethod.Put;
        else if (method.SequenceEqual("HEAD"u8))
            head.Method = RequestMethod.Head;
        else
            return ParseOutcome.Refused(405, "only GET, HEAD, POST and PUT submit jobs");
        return ParseOutcome.Fine;
    }

    private static ParseOutcome ReadField(ReadOnlySpan<byte> line, ref RequestHead head)
    {
        if (line[0] is (byte)' ' or (byte)'\t')
            return ParseOutcome.Refused(400, "a folded header field");
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !HttpSyntax.IsToken(line[..colon]))
            return ParseOutcome.Refused(400, "a header field's name is not a token before a colon");
        var value = HttpSyntax.TrimBlanks(line[(colon + 1)..]);
        return HttpSyntax.IsFieldText(value)
            ? ReadKnownField(line[..colon], value, ref head)
            : ParseOutcome.Refused(400, "a control character in a header field");
    }

    private static ParseOutcome ReadKnownField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref RequestHead head)
    {
        if (Ascii.EqualsIgnoreCase(name, "content-length"u8))
            return ReadContentLength(value, ref head);
        if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
            return ReadTransferEncoding(value, ref head);
        if (Ascii.EqualsIgnoreCase(name, "host"u8))
        {
            if (head.HasHost)
                return ParseOutcome.Refused(400, "two Host fields");
            head.HasHost = true;
            return ParseOutcome.Fine;
        }

        if (Ascii.EqualsIgnoreCase(name, "connection"u8))
            return ReadConnection(value, ref head);
        if (Ascii.EqualsIgnoreCase(name, "expect"u8))
        {
            if (!Ascii.EqualsIgnoreCase(value, "100-continue"u8))
                return ParseOutcome.Refused(417, "only 100-continue can be expected");
            head.ExpectsContinue = true;
            return ParseOutcome.Fine;
        }

        return ReadJobField(name, value, ref head);
    }

    private static ParseOutcome ReadContentLength(ReadOnlySpan<byte> value, ref RequestHead head)
    {
        if (head.ContentLengthBytes >= 0)
            return ParseOutcome.Refused(400, "two Content-Length fields");
        if (!HttpSyntax.TryReadDigits(value, out var length))
            return ParseOutcome.Refused(400, "Content-Length is not a plain number");
        head.ContentLengthBytes = length;
        return ParseOutcome.Fine;
    }

    private static ParseOutcome ReadTransferEncoding(ReadOnlySpan<byte> value, ref RequestHead head)
    {
        if (head.IsChunked)
            return ParseOutcome.Refused(400, "two Transfer-Encoding fields");
        if (!Ascii.EqualsIgnoreCase(value, "chunked"u8))
            return ParseOutcome.Refused(400, "a Transfer-Encoding other than chunked");
        head.IsChunked = true;
        return ParseOutcome.Fine;
    }

    private static ParseOutcome ReadConnection(ReadOnlySpan<byte> value, ref RequestHead head)
    {
        foreach (var part in value.Split((byte)','))
        {
            var option = HttpSyntax.TrimBlanks(value[part]);
            if (Ascii.EqualsIgnoreCase(option, "close"u8))
                head.AsksKeepAlive = false;
            else if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
                head.AsksKeepAlive ??= true;
        }

        return ParseOutcome.Fine;
    }

    private static ParseOutcome ReadJobField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref RequestHead head)
    {
        if (Ascii.EqualsIgnoreCase(name, "x-gearman-unique"u8))
        {
            if (head.HasUnique)
                return ParseOutcome.Refused(400, "two X-Gearman-Unique fields");
            head.HasUnique = true;
            head.Unique = value;
            return ParseOutcome.Fine;
        }

        if (Ascii.EqualsIgnoreCase(name, "x-gearman-background"u8))
            return ReadBackground(value, ref head);
        if (Ascii.EqualsIgnoreCase(name, "x-gearman-priority"u8))
            return ReadPriority(value, ref head);
        if (!Ascii.EqualsIgnoreCase(name, "authorization"u8))
            return ReadBrowserField(name, value, ref head);
        if (head.HasAuthorization)
            return ParseOutcome.Refused(400, "two Authorization fields");
        head.HasAuthorization = true;
        if (value.Length > 7 && Ascii.EqualsIgnoreCase(value[..7], "bearer "u8))
            head.Secret = HttpSyntax.TrimBlanks(value[7..]);
        return ParseOutcome.Fine;
    }

    /// <summary>Browsers say where a request comes from; a page from elsewhere must not submit jobs with its visitor's access.</summary>
    private static ParseOutcome ReadBrowserField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref RequestHead head)
    {
        if (Ascii.EqualsIgnoreCase(name, "origin"u8))
            head.IsFromWebPage = true;
        else if (Ascii.EqualsIgnoreCase(name, "sec-fetch-site"u8))
            head.IsFromWebPage |= !Ascii.EqualsIgnoreCase(value, "none"u8);
        return ParseOutcome.Fine;
    }

    private static ParseOutcome ReadBackground(ReadOnlySpan<byte> value, ref RequestHead head)
    {
        if (head.HasBackground)
            return ParseOutcome.Refused(400, "two X-Gearman-Background fields");
        head.HasBackground = true;
        head.IsBackground = Ascii.EqualsIgnoreCase(value, "true"u8);
        return head.IsBackground || Ascii.EqualsIgnoreCase(value, "false"u8)
            ? ParseOutcome.Fine
            : ParseOutcome.Refused(400, "X-Gearman-Background is neither true nor false");
    }

    private static ParseOutcome ReadPriority(ReadOnlySpan<byte> value, ref RequestHead head)
    {
        if (head.Priority is not null)
            return ParseOutcome.Refused(400, "two X-Gearman-Priority fields");
        if (Ascii.EqualsIgnoreCase(value, "high"u8))
            head.Priority = JobPriority.High;
        else if (Ascii.EqualsIgnoreCase(value, "normal"u8))
            head.Priority = JobPriority.Normal;
        else if (Ascii.EqualsIgnoreCase(value, "low"u8))
            head.Priority = JobPriority.Low;
        else
            return ParseOutcome.Refused(400, "X-Gearman-Priority is none of high, normal, low");
        return ParseOutcome.Fine;
    }

    /// <summary>What can only be said of a head as a whole.</summary>
    private static ParseOutcome Check(ref readonly RequestHead head, int usedBytes)
    {
        if (head.IsChunked && head.ContentLengthBytes >= 0)
            return ParseOutcome.Refused(400, "both Content-Length and Transfer-Encoding");
        if (head.IsChunked && head.MinorVersion == 0)
            return ParseOutcome.Refused(400, "Transfer-Encoding in an HTTP/1.0 request");
        return ParseOutcome.Taken(usedBytes);
    }
}
