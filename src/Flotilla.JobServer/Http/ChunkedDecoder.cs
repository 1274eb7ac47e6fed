using System.Text;

namespace Flotilla.JobServer.Http;

/// <summary>
/// Decodes a chunked body (RFC 9112, section 7.1) piece by piece. Its lines must end with CRLF: nobody types chunks by hand, and lone
/// line feeds in them are a known way to smuggle. Extensions are skipped, trailer fields are checked and dropped.
/// </summary>
internal struct ChunkedDecoder
{
    /// <summary>A size with its extensions, or one trailer field: more is nobody's honest request.</summary>
    private const int MaxLineBytes = 1024;

    private const int MaxTrailerFields = 32;

    private enum Stage
    {
        Size,
        Data,
        DataEnd,
        Trailer,
        Done,
    }

    private Stage _stage;
    private long _leftBytes;
    private int _trailerFields;

    public readonly bool IsDone => _stage == Stage.Done;

    /// <summary>
    /// Takes from the head of <paramref name="source"/> what it can, data going to <paramref name="body"/>; 0 taken means more is needed.
    /// </summary>
    public ParseOutcome Take(ReadOnlySpan<byte> source, RequestBody body, int maxBodyBytes)
    {
        var used = 0;
        while (_stage != Stage.Done)
        {
            var outcome = Next(source[used..], body, maxBodyBytes);
            if (outcome.IsRefused)
                return outcome;
            if (outcome.UsedBytes == 0)
                break;
            used += outcome.UsedBytes;
        }

        return ParseOutcome.Taken(used);
    }

    private ParseOutcome Next(ReadOnlySpan<byte> source, RequestBody body, int maxBodyBytes)
    {
        switch (_stage)
        {
            case Stage.Size:
                return TakeSize(source, body, maxBodyBytes);
            case Stage.Data:
                var part = (int)Math.Min(source.Length, _leftBytes);
                if (!body.TryAppend(source[..part]))
                    return ParseOutcome.BodiesFull;
                _leftBytes -= part;
                if (_leftBytes == 0)
                    _stage = Stage.DataEnd;
                return ParseOutcome.Taken(part);
            case Stage.DataEnd:
                if (source.Length < 2 && "\r\n"u8.StartsWith(source))
                    return ParseOutcome.NeedsMore;
                if (!source.StartsWith("\r\n"u8))
                    return ParseOutcome.Refused(400, "a chunk is longer than its size");
                _stage = Stage.Size;
                return ParseOutcome.Taken(2);
            case Stage.Trailer:
                return TakeTrailer(source);
            case Stage.Done:
            default:
                return ParseOutcome.NeedsMore;
        }
    }

    private ParseOutcome TakeSize(ReadOnlySpan<byte> source, RequestBody body, int maxBodyBytes)
    {
        var outcome = TakeLine(source, out var line);
        if (outcome.UsedBytes == 0)
            return outcome;
        var extension = line.IndexOf((byte)';');
        if (extension >= 0 && !HttpSyntax.IsFieldText(line[extension..]))
            return ParseOutcome.Refused(400, "a control character in a chunk extension");
        var digits = extension < 0 ? line : line[..extension];
        if (!TryReadHex(digits, out _leftBytes))
            return ParseOutcome.Refused(400, "a chunk size is not a plain hexadecimal number");
        if (body.WorkloadBytes + _leftBytes > maxBodyBytes)
            return ParseOutcome.Refused(413, "the body is too large");
        _stage = _leftBytes == 0 ? Stage.Trailer : Stage.Data;
        return outcome;
    }

    private ParseOutcome TakeTrailer(ReadOnlySpan<byte> source)
    {
        var outcome = TakeLine(source, out var line);
        if (outcome.UsedBytes == 0)
            return outcome;
        if (line.IsEmpty)
        {
            _stage = Stage.Done;
            return outcome;
        }

        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !HttpSyntax.IsToken(line[..colon]) || !HttpSyntax.IsFieldText(line[colon..]))
            return ParseOutcome.Refused(400, "a broken trailer field");
        if (Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8) || Ascii.EqualsIgnoreCase(line[..colon], "transfer-encoding"u8))
            return ParseOutcome.Refused(400, "a trailer field that would change the framing");
        return ++_trailerFields > MaxTrailerFields ? ParseOutcome.Refused(431, "too many trailer fields") : outcome;
    }

    private static ParseOutcome TakeLine(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> line)
    {
        var outcome = HttpSyntax.TakeLine(source, MaxLineBytes, 400, out line);
        return outcome.UsedBytes > 0 && outcome.UsedBytes != line.Length + 2
            ? ParseOutcome.Refused(400, "a bare line feed in a chunked body")
            : outcome;
    }

    private static bool TryReadHex(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        if (digits.IsEmpty || digits.Length > 8)
            return false;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
            value = value * 16 + (char.IsAsciiDigit((char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return true;
    }
}
