using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Http;

/// <summary>A request's head, its bytes borrowed from the receive buffer.</summary>
internal ref struct RequestHead
{
    public RequestHead()
    {
    }

    public RequestMethod Method { get; set; }

    /// <summary>As it stands in the request line.</summary>
    public ReadOnlySpan<byte> Target { get; set; }

    /// <summary>0 for HTTP/1.0, 1 for HTTP/1.1.</summary>
    public int MinorVersion { get; set; }

    /// <summary>Announced length of the body in bytes; -1 when there is no Content-Length.</summary>
    public long ContentLengthBytes { get; set; } = -1;

    public bool IsChunked { get; set; }

    /// <summary>What the Connection field asks for; null when it says neither close nor keep-alive.</summary>
    public bool? AsksKeepAlive { get; set; }

    public bool ExpectsContinue { get; set; }

    public bool HasHost { get; set; }

    public bool HasUnique { get; set; }

    public ReadOnlySpan<byte> Unique { get; set; }

    public bool HasBackground { get; set; }

    public bool IsBackground { get; set; }

    public JobPriority? Priority { get; set; }

    public bool HasAuthorization { get; set; }

    /// <summary>The secret of <c>Authorization: Bearer SECRET</c>; empty when there is none.</summary>
    public ReadOnlySpan<byte> Secret { get; set; }

    /// <summary>A browser sent it on behalf of a page: it carries Origin, or Sec-Fetch-Site other than "none".</summary>
    public bool IsFromWebPage { get; set; }

    public readonly bool HasBody => IsChunked || ContentLengthBytes > 0;

    public readonly bool KeepsAlive => AsksKeepAlive ?? MinorVersion >= 1;
}
