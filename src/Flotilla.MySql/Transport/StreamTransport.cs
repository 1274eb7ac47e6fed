using System.Net.Sockets;

namespace Flotilla.MySql.Transport;

/// <summary>A socket, plain or below TLS.</summary>
internal sealed class StreamTransport(Socket socket, Stream? tls) : IByteTransport
{
    public ValueTask<int> ReadAsync(Memory<byte> target)
        => tls is null ? socket.ReceiveAsync(target, SocketFlags.None) : tls.ReadAsync(target);

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
