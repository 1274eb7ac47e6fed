using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.JobServer;

/// <summary>One address that the server listens on.</summary>
public sealed record JobServerListener
{
    /// <summary>Where: an IP address and port (0: any free one; the any address of IPv6 also takes IPv4) or a Unix socket. Default 127.0.0.1:4730.</summary>
    public EndPoint EndPoint { get; init; } = new IPEndPoint(IPAddress.Loopback, DefaultPort);

    /// <summary>What is spoken there. Default Gearman.</summary>
    public JobServerProtocol Protocol { get; init; } = JobServerProtocol.Gearman;

    /// <summary>TLS on this listener; null, the default, for none.</summary>
    public JobServerTls? Tls { get; init; }

    /// <summary>The port that IANA gave to Gearman.</summary>
    public const int DefaultPort = 4730;

    /// <summary>True where only this machine can connect.</summary>
    public bool IsLocal => EndPoint is UnixDomainSocketEndPoint || (EndPoint is IPEndPoint ip && IPAddress.IsLoopback(ip.Address));

    /// <summary>
    /// Reads <c>127.0.0.1:4730</c>, <c>[::1]:4730</c>, <c>*:4730</c> (every address), <c>:4730</c> (as <c>*</c>), <c>localhost</c>,
    /// <c>4730</c> (a port on loopback) or <c>unix:/path</c>. Names of hosts are looked up by the caller.
    /// </summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static EndPoint Parse(string text, int defaultPort = DefaultPort)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("unix:", StringComparison.Ordinal))
            return new UnixDomainSocketEndPoint(text["unix:".Length..]);
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return new IPEndPoint(IPAddress.Loopback, port);
        var (host, rest) = Split(text);
        port = (ushort)defaultPort;
        if (rest.Length > 0 && !ushort.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out port))
            throw new FormatException($"'{text}' has no port between 0 and 65535");
        var address = host switch
        {
            "" or "*" => IPAddress.IPv6Any,
            "localhost" => IPAddress.Loopback,
            _ => IPAddress.TryParse(host, out var ip) ? ip : throw new FormatException($"'{host}' is no IP address"),
        };
        return new IPEndPoint(address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6 ? IPAddress.Any : address, port);
    }

    private static (string Host, string Port) Split(string text)
    {
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
                throw new FormatException($"'{text}' is no address in brackets with a port");
            return (text[1..end], end + 1 < text.Length ? text[(end + 2)..] : "");
        }

        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.IndexOf(':', StringComparison.Ordinal) != colon)
            return (text, "");
        return (text[..colon], text[(colon + 1)..]);
    }
}
