using System.Net;
using System.Net.Sockets;

namespace Flotilla.Sockets;

/// <summary>An address where connections are accepted.</summary>
public abstract class SocketListener
{
    private protected SocketListener(SocketLoop loop, Socket socket, SocketListenerOptions options)
    {
        Loop = loop;
        Socket = socket;
        Options = options;
        EndPoint = socket.LocalEndPoint ?? options.EndPoint;
    }

    /// <summary>Where it listens: with the port that was really given.</summary>
    public EndPoint EndPoint { get; }

    public SocketListenerOptions Options { get; }

    internal SocketLoop Loop { get; }

    internal Socket Socket { get; }

    internal bool IsClosed { get; private set; }

    /// <summary>TLS handshakes under way.</summary>
    internal int Handshakes;

    /// <summary>Stops accepting; what was accepted goes on. From any thread.</summary>
    public void Close() => Loop.Post(new LoopCommand(CloseNow));

    internal void CloseNow()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        OnClosing();
        Socket.Dispose();
    }

    private int _nextTarget;

    internal SocketLoop NextTarget()
    {
        var targets = Options.Targets;
        if (targets.Count == 0)
            return Loop;
        _nextTarget = (_nextTarget + 1) % targets.Count;
        return targets[_nextTarget];
    }

    private protected virtual void OnClosing()
    {
    }
}
