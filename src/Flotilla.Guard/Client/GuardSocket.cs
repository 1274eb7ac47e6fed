using System.Net.Sockets;

namespace Flotilla.Guard;

/// <summary>A node's end of a connection: packets of <see cref="GuardProtocol"/>.</summary>
internal sealed class GuardSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly Lock _sending = new();

    private GuardSocket(Socket socket) => _socket = socket;

    /// <summary>Null when nobody listens there.</summary>
    public static GuardSocket? TryConnect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            // At once, or not at all: a Unix socket whose listener has no room refuses.
            socket.Blocking = false;
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new GuardSocket(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>One system call, without waiting and without allocating; false when the guard does not take it.</summary>
    public bool TrySend(ReadOnlySpan<byte> packet)
    {
        lock (_sending)
            return _socket.Send(packet, SocketFlags.None, out var error) == packet.Length && error == SocketError.Success;
    }

    /// <summary>The next packet's length; 0 when the connection has ended.</summary>
    public async ValueTask<int> ReceiveAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(target, SocketFlags.None, cancellationToken);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    public void Dispose() => _socket.Dispose();
}
