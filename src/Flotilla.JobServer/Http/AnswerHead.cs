using System.Globalization;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Http;

/// <summary>Writes an answer's status line and header fields.</summary>
internal readonly ref struct AnswerHead
{
    /// <summary>For <see cref="BodyBytes"/>: the length is not known yet, the body comes in chunks.</summary>
    public const long Chunked = -1;

    public int Status { get; init; }

    public int MinorVersion { get; init; }

    public bool KeepsAlive { get; init; }

    /// <summary>The body's length in bytes, also where it is not sent because the request was HEAD; or <see cref="Chunked"/>.</summary>
    public long BodyBytes { get; init; }

    public ReadOnlySpan<byte> ContentType { get; init; }

    public ReadOnlySpan<byte> Handle { get; init; }

    /// <summary>The packet that ended the job, by the protocol's name.</summary>
    public ReadOnlySpan<byte> Command { get; init; }

    public void Write(ByteQueue output, long nowMs)
    {
        output.Append(MinorVersion == 0 ? "HTTP/1.0 "u8 : "HTTP/1.1 "u8);
        AppendNumber(output, Status, "D");
        output.Append(" "u8);
        output.Append(Phrase(Status));
        output.Append("\r\nServer: Flotilla\r\nDate: "u8);
        AppendDate(output, nowMs);
        if (!Handle.IsEmpty)
            AppendField(output, "X-Gearman-Job-Handle: "u8, Handle);
        if (!Command.IsEmpty)
            AppendField(output, "X-Gearman-Command: "u8, Command);
        AppendField(output, "X-Content-Type-Options: nosniff\r\nContent-Type: "u8, ContentType);
        AppendOnStatus(output);
        if (BodyBytes == Chunked)
        {
            output.Append("\r\nTransfer-Encoding: chunked"u8);
        }
        else
        {
            output.Append("\r\nContent-Length: "u8);
            AppendNumber(output, BodyBytes, "D");
        }

        if (!KeepsAlive)
            output.Append("\r\nConnection: close"u8);
        else if (MinorVersion == 0)
            output.Append("\r\nConnection: keep-alive"u8);
        output.Append("\r\n\r\n"u8);
    }

    public static void AppendNumber(ByteQueue output, long value, string format)
    {
        Invariant.Require(value.TryFormat(output.GetSpan(20), out var length, format, CultureInfo.InvariantCulture));
        output.Advance(length);
    }

    private void AppendOnStatus(ByteQueue output)
    {
        if (Status == 405)
            output.Append("\r\nAllow: GET, HEAD, POST, PUT"u8);
        else if (Status == 401)
            output.Append("\r\nWWW-Authenticate: Bearer"u8);
        else if (Status == 503)
            output.Append("\r\nRetry-After: 1"u8);
    }

    private static void AppendField(ByteQueue output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        output.Append("\r\n"u8);
        output.Append(name);
        output.Append(value);
    }

    private static void AppendDate(ByteQueue output, long nowMs)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(nowMs);
        Invariant.Require(now.TryFormat(output.GetSpan(32), out var length, "R", CultureInfo.InvariantCulture));
        output.Advance(length);
    }

    private static ReadOnlySpan<byte> Phrase(int status) => status switch
    {
        200 => "OK"u8,
        400 => "Bad Request"u8,
        401 => "Unauthorized"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        413 => "Content Too Large"u8,
        414 => "URI Too Long"u8,
        417 => "Expectation Failed"u8,
        431 => "Request Header Fields Too Large"u8,
        500 => "Internal Server Error"u8,
        503 => "Service Unavailable"u8,
        505 => "HTTP Version Not Supported"u8,
        _ => throw new InvariantViolationException($"no phrase for status {status}"),
    };
}
