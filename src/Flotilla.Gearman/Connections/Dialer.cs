using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.Gearman.Connections;

/// <summary>Opens transports: socket options, then TLS when asked for.</summary>
internal static class Dialer
{
    /// <summary>Silence after which the kernel probes the peer, then the gaps between probes and their number.</summary>
    private const int KeepAliveSeconds = 60;
    private const int KeepAliveProbeSeconds = 10;
    private const int KeepAliveProbes = 3;

    public static async ValueTask<Transport> OpenAsync(GearmanAddress address, GearmanOptions options, CancellationToken cancellationToken)
    {
        var socket = await ConnectAsync(address, cancellationToken);
        if (options.Tls is not { } tls)
            return new SocketTransport(socket);
        SslStream? stream = null;
        try
        {
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(Authentication(address, tls), cancellationToken);
            return new StreamTransport(stream);
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    private static async ValueTask<Socket> ConnectAsync(GearmanAddress address, CancellationToken cancellationToken)
    {
        var endpoint = address.ToEndPoint();
        var socket = endpoint switch
        {
            UnixDomainSocketEndPoint => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            IPEndPoint ip => new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
            _ => new Socket(SocketType.Stream, ProtocolType.Tcp),
        };
        try
        {
            if (endpoint is not UnixDomainSocketEndPoint)
            {
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveProbeSeconds);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
            }

            await socket.ConnectAsync(endpoint, cancellationToken);
            return socket;
        }
        catch (SocketException failure) when (address.UnixSocketPath is { } path && Explain(path, failure.SocketErrorCode) is { } words)
        {
            socket.Dispose();
            throw new SocketException(failure.ErrorCode, words);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What the system calls "cannot assign requested address" is a file that is not there.</summary>
    private static string? Explain(string path, SocketError error) => error switch
    {
        SocketError.AccessDenied => "this user may not use that socket",
        _ when Directory.Exists(path) => "that is a folder, not a socket",
        _ when !File.Exists(path) => "there is no such socket",
        SocketError.ConnectionRefused => "no server listens on that socket",
        _ => null,
    };

    private static SslClientAuthenticationOptions Authentication(GearmanAddress address, GearmanTlsOptions tls)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = tls.ServerName ?? (address.UnixSocketPath is null ? address.Host : "localhost"),
            EnabledSslProtocols = SslProtocols.None,
        };
        if (tls.ClientCertificate is { } certificate)
            options.ClientCertificates = [certificate];
        if (tls.TrustAnyServer)
        {
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (tls.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }
}
