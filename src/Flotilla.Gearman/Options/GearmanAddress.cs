using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Gearman;

/// <summary>
/// Where a job server listens: <c>host</c>, <c>host:port</c>, <c>[::1]:port</c> or <c>unix:/path/of/socket</c>. The port is 4730 unless given.
/// </summary>
public sealed record GearmanAddress
{
    /// <summary>The port registered with IANA for Gearman.</summary>
    public const int DefaultPort = 4730;

    private const string UnixPrefix = "unix:";

    private GearmanAddress(string host, int port, string? unixSocketPath)
    {
        Host = host;
        Port = port;
        UnixSocketPath = unixSocketPath;
    }

    /// <summary>Name or IP address; empty for a Unix socket.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>Path of the Unix socket, or null for TCP.</summary>
    public string? UnixSocketPath { get; }

    public static GearmanAddress Tcp(string host, int port = DefaultPort)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return new GearmanAddress(host, port, null);
    }

    public static GearmanAddress Tcp(IPEndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return Tcp(endpoint.Address.ToString(), endpoint.Port);
    }

    public static GearmanAddress Unix(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new GearmanAddress("", 0, path);
    }

    /// <summary>Reads one of the four forms.</summary>
    /// <exception cref="FormatException">The text is none of the four forms.</exception>
    public static GearmanAddress Parse(string text)
        => TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an address of a job server");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out GearmanAddress? address)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            if (text.Length > UnixPrefix.Length)
                address = Unix(text[UnixPrefix.Length..]);
            return address is not null;
        }

        var (host, port) = Split(text);
        if (host.Length == 0 || host.Contains(' ') || port is < 1 or > IPEndPoint.MaxPort)
            return false;
        address = Tcp(host, port);
        return true;
    }

    public override string ToString()
        => UnixSocketPath is { } path ? UnixPrefix + path : Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    public static implicit operator GearmanAddress(string text) => Parse(text);

    internal EndPoint ToEndPoint()
    {
        if (UnixSocketPath is { } path)
            return new UnixDomainSocketEndPoint(path);
        return IPAddress.TryParse(Host, out var ip) ? new IPEndPoint(ip, Port) : new DnsEndPoint(Host, Port);
    }

    /// <summary>Port -1 means that what stands there is not a port.</summary>
    private static (string Host, int Port) Split(string text)
    {
        if (text[0] == '[')
        {
            var end = text.IndexOf(']');
            if (end < 0)
                return ("", -1);
            return (text[1..end], end == text.Length - 1 ? DefaultPort : text[end + 1] == ':' ? ParsePort(text[(end + 2)..]) : -1);
        }

        var colon = text.IndexOf(':');
        if (colon < 0 || text.LastIndexOf(':') != colon)
            return (text, DefaultPort);
        return (text[..colon], ParsePort(text[(colon + 1)..]));
    }

    private static int ParsePort(string text)
        => int.TryParse(text, System.Globalization.NumberStyles.None, null, out var port) ? port : -1;
}
