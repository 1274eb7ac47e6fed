namespace Flotilla.Sockets;

/// <summary>
/// Ends peers that do not read: one by one, at the limit for a connection, and all together. Once too much waits on all connections of the
/// loop, a connection that gets more than it takes at once, and has more waiting than the limit at which reading from it pauses, is closed:
/// many peers that read nothing must not fill the memory.
/// </summary>
internal sealed class OutputAccount(SocketLoopOptions options)
{
    private long _waitingBytes;

    public void Change(long bytes) => _waitingBytes += bytes;

    public void Send(SocketConnection connection)
    {
        // Too much waited already before this batch: what the peer does not take now shows that it does not read.
        var before = connection.LeftBytes;
        var mustTakeSome = before > options.OutputLimitBytes && connection.WaitingBytes > before;
        connection.SendWaiting();
        connection.NoteLeft();
        if (mustTakeSome && connection.LeftBytes > before)
            connection.Fail(SocketCloseReason.SlowReader, $"{connection.LeftBytes} bytes wait for it");
        else if (_waitingBytes > options.OutputTotalLimitBytes && connection.LeftBytes > options.OutputPauseBytes)
            connection.Fail(SocketCloseReason.SlowReader, $"{connection.LeftBytes} bytes wait for it, {_waitingBytes} for all connections");
    }
}
