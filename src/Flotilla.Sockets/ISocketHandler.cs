namespace Flotilla.Sockets;

/// <summary>Owns what happens on one <see cref="SocketLoop"/>. Called on the loop's thread only; must not block.</summary>
public interface ISocketHandler
{
    /// <summary>
    /// Takes everything that happened since the last call, in order; empty when only time passed. After it returns, each connection that
    /// was asked to <see cref="SocketConnection.Flush"/> is written to once. An exception ends the loop.
    /// </summary>
    void OnBatch(SocketLoop loop, ReadOnlySpan<SocketEvent> events);

    /// <summary>The batch is over and what it wrote is on its way: time for what may take a moment, such as waking other threads.</summary>
    void OnSent(SocketLoop loop)
    {
    }

    /// <summary>How long the loop may sleep when nothing happens, in milliseconds; -1 for ever, 0 not at all.</summary>
    int MillisecondsToSleep(SocketLoop loop);

    /// <summary>Called once, last, on the loop's thread: with null after an orderly stop, else with what ended the loop.</summary>
    void OnStopped(SocketLoop loop, Exception? failure);
}
