using System.Net.Sockets;

namespace Flotilla.Guard.Tests.Support;

/// <summary>A peer that says any bytes.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _packet = new byte[GuardProtocol.PacketBytesMax];

    public RawPeer(TestGuard guard)
    {
        _socket = guard.ConnectRaw();
        Last = Receive()!.Value;
        Assert.Equal(ReplyType.State, Last.Type);
    }

    public Reply Last { get; private set; }

    public void Send(ReadOnlySpan<byte> packet) => Assert.Equal(packet.Length, _socket.Send(packet));

    public void Claim()
    {
        Send(_packet.AsSpan(0, Request.WriteBare(_packet, RequestType.Claim, 1)));
        Assert.Equal(ReplyType.Accepted, Reply(1).Type);
    }

    /// <summary>The answer to a request, passing over what was not asked.</summary>
    public Reply Reply(uint number)
    {
        do
            Last = Receive() ?? throw new InvalidOperationException("the connection ended");
        while (Last.Number != number);
        return Last;
    }

    /// <summary>The next packet; null at the end.</summary>
    public Reply? Receive()
    {
        var length = _socket.Receive(_packet);
        if (length == 0)
            return null;
        Assert.True(Guard.Reply.TryRead(_packet.AsSpan(0, length), out var reply));
        return reply;
    }

    public void Dispose() => _socket.Dispose();
}
