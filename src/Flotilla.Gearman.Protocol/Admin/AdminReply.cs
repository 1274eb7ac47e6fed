using System.Text;

namespace Flotilla.Gearman.Protocol;

/// <summary>A one-line answer to a text command, read by a client.</summary>
/// <param name="Succeeded"><c>OK</c> rather than <c>ERR</c>.</param>
/// <param name="Code">The code of an error, when it has one: capital letters and underscores.</param>
/// <param name="Text">What follows; plus signs of an error's text are blanks again.</param>
public sealed record AdminReply(bool Succeeded, string Code, string Text)
{
    /// <summary>False when the line begins with neither <c>OK</c> nor <c>ERR</c>, as lines of lists do.</summary>
    /// <param name="line">Without its line end.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="error">Why not.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, out AdminReply? reply, out ProtocolError error)
    {
        reply = null;
        error = default;
        if (line.SequenceEqual("OK"u8))
        {
            reply = new AdminReply(Succeeded: true, "", "");
        }
        else if (line.StartsWith("OK "u8))
        {
            reply = new AdminReply(Succeeded: true, "", Encoding.UTF8.GetString(line[3..]));
        }
        else if (line.StartsWith("ERR "u8))
        {
            reply = ParseError(line[4..]);
        }
        else
        {
            error = new ProtocolError(ProtocolErrorKind.UnknownForm);
            return false;
        }

        return true;
    }

    private static AdminReply ParseError(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)' ');
        var code = end < 0 ? rest : rest[..end];
        if (code.IndexOfAnyExceptInRange((byte)'A', (byte)'_') >= 0)
            return new AdminReply(Succeeded: false, "", Encoding.UTF8.GetString(rest));
        var text = end < 0 ? "" : Encoding.UTF8.GetString(rest[(end + 1)..]).Replace('+', ' ');
        return new AdminReply(Succeeded: false, Encoding.UTF8.GetString(code), text);
    }
}
