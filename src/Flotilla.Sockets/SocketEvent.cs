namespace Flotilla.Sockets;

/// <summary>One thing that happened on a loop; which fields mean something is said at <see cref="SocketEventKind"/>.</summary>
public readonly struct SocketEvent
{
    internal SocketEvent(SocketEventKind kind, SocketConnection? connection, object? state = null, string? detail = null)
    {
        Kind = kind;
        Peer = connection;
        State = state;
        Detail = detail;
    }

    internal SocketEvent(SocketConnection connection, SocketCloseReason reason, string? detail)
    {
        Kind = SocketEventKind.Closed;
        Peer = connection;
        Reason = reason;
        Detail = detail;
    }

    public SocketEventKind Kind { get; }

    public SocketCloseReason Reason { get; }

    public object? State { get; }

    /// <summary>What went wrong, for a person; null where nothing did.</summary>
    public string? Detail { get; }

    /// <summary>The connection; only for kinds that are about one.</summary>
    public SocketConnection Connection => Peer ?? throw new InvalidOperationException($"{Kind} is about no connection");

    /// <summary>For <see cref="SocketEventKind.ConnectFailed"/>: the host answered that nobody listens there.</summary>
    public bool IsRefused { get; internal init; }

    private SocketConnection? Peer { get; }
}
