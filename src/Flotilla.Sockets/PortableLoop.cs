using System.Net;
using System.Net.Sockets;

namespace Flotilla.Sockets;

/// <summary>A loop over .NET's asynchronous sockets: the same batches, more work per message.</summary>
internal sealed class PortableLoop(ISocketHandler handler, SocketLoopOptions options) : SocketLoop(handler, options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly AutoResetEvent _signal = new(initialState: false);
    private readonly List<PortableListener> _listeners = [];

    private protected override void Wake() => _signal.Set();

    private protected override void Gather(int timeoutMs) => _signal.WaitOne(timeoutMs);

    private protected override SocketListener CreateListener(Socket socket, SocketListenerOptions options)
        => new PortableListener(this, socket, options);

    private protected override void StartListening(SocketListener listener)
    {
        _listeners.Add((PortableListener)listener);
        _ = AcceptAsync((PortableListener)listener);
    }

    private protected override void StartConnecting(EndPoint remote, object? state, TimeSpan timeout)
        => _ = ConnectAsync(remote, state, timeout);

    private protected override int CheckListeners(long nowMs) => -1;

    private protected override void ReleaseAll()
    {
        foreach (var listener in _listeners)
            listener.CloseNow();
    }

    private async Task AcceptAsync(PortableListener listener)
    {
        var isPaused = false;
        while (!listener.IsClosed)
        {
            try
            {
                var socket = await listener.Socket.AcceptAsync();
                if (isPaused)
                    Tell(new SocketEvent(SocketEventKind.AcceptResumed, null, listener.Options.State));
                isPaused = false;
                Take(listener, socket);
            }
            catch (Exception e) when (listener.IsClosed || e is ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // No error ends the listener: none is worth a server that takes no connections any more.
                if (!isPaused)
                    Tell(new SocketEvent(SocketEventKind.AcceptPaused, null, listener.Options.State, e.Message));
                isPaused = true;
                await Task.Delay(RetryAfter);
            }
        }
    }

    private static void Take(PortableListener listener, Socket socket)
    {
        var target = listener.NextTarget();
        var remote = Address(socket);
        if (remote is not null)
            SocketBinding.SetTcpOptions(socket, listener.Options.KeepAlive);
        if (listener.Options.Tls is null)
            target.AdoptSocket(socket, remote, SocketEventKind.Accepted, listener.Options.State);
        else
            _ = TlsAcceptor.AcceptAsync(listener, socket, remote, target);
    }

    private static IPEndPoint? Address(Socket socket)
    {
        if (socket.RemoteEndPoint is not IPEndPoint ip)
            return null;
        return ip.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(ip.Address.MapToIPv4(), ip.Port) : ip;
    }

    private async Task ConnectAsync(EndPoint remote, object? state, TimeSpan timeout)
    {
        var isTcp = remote.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, isTcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            using var patience = new CancellationTokenSource(timeout);
            await socket.ConnectAsync(remote, patience.Token);
            if (isTcp)
                socket.NoDelay = true;
            AdoptSocket(socket, isTcp ? remote : null, SocketEventKind.Connected, state);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            Tell(new SocketEvent(SocketEventKind.ConnectFailed, null, state, e is SocketException ? e.Message : "timed out")
            {
                IsRefused = e is SocketException { SocketErrorCode: SocketError.ConnectionRefused },
            });
        }
    }

    private void Tell(SocketEvent happened) => Post(new LoopCommand(() => AddEvent(happened)));
}
