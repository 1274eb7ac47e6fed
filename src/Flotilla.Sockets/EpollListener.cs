using System.Net.Sockets;

namespace Flotilla.Sockets;

/// <summary>A listening descriptor in an <see cref="EpollLoop"/>.</summary>
internal sealed class EpollListener(EpollLoop loop, Socket socket, SocketListenerOptions options) : SocketListener(loop, socket, options)
{
    public int Descriptor { get; } = (int)socket.Handle;

    public ulong Key { get; set; }

    /// <summary>Connections turned away since accepting was paused.</summary>
    public int TurnedAway { get; set; }

    /// <summary>When accepting was paused, on the loop's clock; 0 when it is not.</summary>
    public long PausedSinceMs { get; set; }

    public long RetryMs { get; set; }

    private protected override void OnClosing() => loop.Forget(this);
}
