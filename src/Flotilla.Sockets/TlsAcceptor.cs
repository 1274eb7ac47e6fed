using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.Sockets;

/// <summary>Does TLS handshakes away from the loops: a silent or slow peer costs a timer, never anybody else's time.</summary>
internal static class TlsAcceptor
{
    /// <summary>Owns the socket from here on. Ends in an <see cref="SocketEventKind.Accepted"/> or a <see cref="SocketEventKind.HandshakeFailed"/>.</summary>
    public static async Task AcceptAsync(SocketListener listener, Socket socket, EndPoint? remote, SocketLoop target)
    {
        if (Interlocked.Increment(ref listener.Handshakes) > listener.Options.MaxHandshakes)
        {
            Interlocked.Decrement(ref listener.Handshakes);
            socket.Dispose();
            Report(target, remote, "too many handshakes under way");
            return;
        }

        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            using var patience = new CancellationTokenSource(listener.Options.HandshakeTimeout);
            await stream.AuthenticateAsServerAsync(listener.Options.Tls!, patience.Token);
            var certificate = stream.RemoteCertificate is { } shown ? shown as X509Certificate2 ?? new X509Certificate2(shown) : null;
            var connection = new StreamConnection(target, stream, remote, (int)socket.Handle) { PeerCertificate = certificate };
            target.Post(new LoopCommand(
                () => target.AddStream(connection, SocketEventKind.Accepted, listener.Options.State),
                stream.Dispose));
        }
        catch (Exception e)
        {
            // Whatever a handshake throws is the peer's doing or its network's; the connection ends and the server goes on.
            await stream.DisposeAsync();
            Report(target, remote, e is OperationCanceledException ? "took too long" : e.InnerException?.Message ?? e.Message);
        }
        finally
        {
            Interlocked.Decrement(ref listener.Handshakes);
        }
    }

    private static void Report(SocketLoop target, EndPoint? remote, string why)
        => target.Post(new LoopCommand(
            () => target.AddEvent(new SocketEvent(SocketEventKind.HandshakeFailed, null, remote, why))));
}
