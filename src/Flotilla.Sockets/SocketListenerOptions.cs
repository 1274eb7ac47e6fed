using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Flotilla.Sockets;

/// <summary>Where and how connections are accepted.</summary>
public sealed record SocketListenerOptions
{
    /// <summary>An <see cref="IPEndPoint"/> (port 0: any free one; IPv6 any also takes IPv4) or a <see cref="UnixDomainSocketEndPoint"/>.</summary>
    public required EndPoint EndPoint { get; init; }

    /// <summary>Comes back with every <see cref="SocketEventKind.Accepted"/>.</summary>
    public object? State { get; init; }

    /// <summary>Connections the kernel holds until they are accepted; it may cap the number. Default 1024.</summary>
    public int Backlog { get; init; } = 1024;

    /// <summary>TCP keep-alive probes; null for none.</summary>
    public SocketKeepAlive? KeepAlive { get; init; }

    /// <summary>TLS for every connection of this listener; null for none.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>How long a TLS handshake may take. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>TLS handshakes under way at once; more connections are turned away. Default 1000.</summary>
    public int MaxHandshakes { get; init; } = 1000;

    /// <summary>The loops that serve the accepted connections, in turn; empty: the one that listens.</summary>
    public IReadOnlyList<SocketLoop> Targets { get; init; } = [];
}
