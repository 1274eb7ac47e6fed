namespace Flotilla.Sockets;

/// <summary>What a <see cref="SocketEvent"/> tells.</summary>
public enum SocketEventKind
{
    /// <summary>A message given to <see cref="SocketLoop.Post"/> arrived; it is in <see cref="SocketEvent.State"/>.</summary>
    Posted,

    /// <summary>A listener took a connection; where it speaks TLS, the handshake is over. <see cref="SocketEvent.State"/> is the listener's.</summary>
    Accepted,

    /// <summary>An outbound connection is up; <see cref="SocketEvent.State"/> is what <see cref="SocketLoop.Connect"/> was given.</summary>
    Connected,

    /// <summary>An outbound connection could not be made: why is in <see cref="SocketEvent.Detail"/>.</summary>
    ConnectFailed,

    /// <summary>Bytes are in <see cref="SocketConnection.Unread"/>.</summary>
    Received,

    /// <summary>The peer sends no more; it may still read.</summary>
    EndOfInput,

    /// <summary>The connection is over: the last event about it. Why is in <see cref="SocketEvent.Reason"/>.</summary>
    Closed,

    /// <summary>No connection can be accepted for now (no descriptors, no memory): told once until <see cref="AcceptResumed"/>.</summary>
    AcceptPaused,

    /// <summary>Connections are accepted again; <see cref="SocketEvent.Detail"/> says how many had to be turned away.</summary>
    AcceptResumed,

    /// <summary>A connection was given up before it was accepted: its TLS handshake failed or took too long.</summary>
    HandshakeFailed,
}
