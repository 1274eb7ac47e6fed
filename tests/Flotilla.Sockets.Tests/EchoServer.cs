using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Collections.Concurrent;

namespace Flotilla.Sockets.Tests;

/// <summary>A loop that sends back what it gets, and remembers what it was told.</summary>
internal sealed class EchoServer : ISocketHandler, IAsyncDisposable
{
    private int _open;

    public EchoServer(SocketLoopKind kind, SocketLoopOptions? options = null, EndPoint? endPoint = null, SslServerAuthenticationOptions? tls = null)
    {
        Loop = SocketLoop.Start(this, (options ?? new SocketLoopOptions()) with { Kind = kind });
        Listener = Loop.Listen(new SocketListenerOptions
        {
            EndPoint = endPoint ?? new IPEndPoint(IPAddress.Loopback, 0),
            Tls = tls,
            HandshakeTimeout = TimeSpan.FromSeconds(6),
        });
    }

    public SocketLoop Loop { get; }

    public SocketListener Listener { get; }

    public EndPoint EndPoint => Listener.EndPoint;

    /// <summary>Instead of echoing; returns how many bytes it used.</summary>
    public Func<SocketConnection, int>? OnReceived { get; init; }

    public Action<object>? OnPosted { get; init; }

    public Action<SocketConnection>? OnAccepted { get; init; }

    public ConcurrentQueue<(SocketCloseReason Reason, string? Detail)> Closed { get; } = [];

    public ConcurrentQueue<object> Posted { get; } = [];

    public ConcurrentQueue<(SocketEventKind Kind, string? Detail)> Told { get; } = [];

    public int Open => Volatile.Read(ref _open);

    public void OnBatch(SocketLoop loop, ReadOnlySpan<SocketEvent> events)
    {
        foreach (ref readonly var happened in events)
            OnEvent(happened);
    }

    public int MillisecondsToSleep(SocketLoop loop) => -1;

    public void OnStopped(SocketLoop loop, Exception? failure)
    {
    }

    public ValueTask DisposeAsync() => Loop.DisposeAsync();

    public Socket Connect()
    {
        var isUnix = EndPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(EndPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        socket.Connect(EndPoint);
        socket.ReceiveTimeout = 30_000;
        socket.SendTimeout = 30_000;
        return socket;
    }

    private void OnEvent(in SocketEvent happened)
    {
        switch (happened.Kind)
        {
            case SocketEventKind.Posted:
                Posted.Enqueue(happened.State!);
                OnPosted?.Invoke(happened.State!);
                break;
            case SocketEventKind.Accepted or SocketEventKind.Connected:
                Interlocked.Increment(ref _open);
                OnAccepted?.Invoke(happened.Connection);
                break;
            case SocketEventKind.Received:
                Echo(happened.Connection);
                break;
            case SocketEventKind.EndOfInput:
                happened.Connection.Close();
                break;
            case SocketEventKind.Closed:
                Interlocked.Decrement(ref _open);
                Closed.Enqueue((happened.Reason, happened.Detail));
                break;
            default:
                Told.Enqueue((happened.Kind, happened.Detail));
                break;
        }
    }

    private void Echo(SocketConnection connection)
    {
        var used = connection.Unread.Length;
        if (OnReceived is { } handler)
            used = handler(connection);
        else
            connection.Output.Append(connection.Unread);
        connection.Consume(used);
        connection.Flush();
    }
}
