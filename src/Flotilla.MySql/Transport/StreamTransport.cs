using System.Net.Sockets;

namespace Flotilla.MySql.Transport;

/// <summary>
/// A socket, plain or below TLS. Most answers come within a fraction of a millisecond, less than it takes to hand a wait to the reactor and
/// get the thread back. So a few readers at a time first wait in the system call for a moment; ./bench mysql shows what that is worth.
/// </summary>
internal sealed class StreamTransport(Socket socket, Stream? tls) : IByteTransport
{
    /// <summary>How long a thread may be held. The system counts whole milliseconds.</summary>
    private const int HoldUs = 2000;

    /// <summary>Threads of the pool that may be held at once: others must not starve.</summary>
    private static readonly int HeldMax = Math.Max(1, Environment.ProcessorCount / 2);

    private static int _held;

    public ValueTask<int> ReadAsync(Memory<byte> target)
    {
        if (tls is not null)
            return tls.ReadAsync(target);
        try
        {
            if (Interlocked.Increment(ref _held) <= HeldMax)
            {
                if (socket.Poll(HoldUs, SelectMode.SelectRead))
                    return new ValueTask<int>(socket.Receive(target.Span));
            }
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }

        return socket.ReceiveAsync(target, SocketFlags.None);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (tls is not null)
            return tls.WriteAsync(bytes);
        var sending = socket.SendAsync(bytes, SocketFlags.None);
        if (sending.IsCompletedSuccessfully)
        {
            var sent = sending.Result;
            return sent == bytes.Length ? default : SendRestAsync(new ValueTask<int>(sent), bytes);
        }

        return SendRestAsync(sending, bytes);
    }

    public void BeginCommand()
    {
    }

    public void Abort() => socket.Dispose();

    private async ValueTask SendRestAsync(ValueTask<int> first, ReadOnlyMemory<byte> bytes)
    {
        bytes = bytes[await first..];
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
    }
}
