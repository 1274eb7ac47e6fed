using System.Net.Sockets;
using System.Runtime;

namespace Flotilla.Guard.Tests.Support;

/// <summary>A guard's loop, turned by hand through all that happens in the life of a server.</summary>
internal sealed class Life : IDisposable
{
    private const ulong Epoch = 1;

    private readonly GuardLoop _loop;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly byte[] _packet = new byte[GuardProtocol.PacketBytesMax];

    public Life(GuardLoop loop, GuardOptions options)
    {
        _loop = loop;
        _socket.Connect(new UnixDomainSocketEndPoint(options.EffectiveSocketPath));
        Turn();
        _ = Receive();
    }

    public int Lives { get; private set; }

    /// <summary>Methods that had to be compiled while the loop turned.</summary>
    public long Compiled { get; private set; }

    /// <summary>Claim, start, lease, a stale one, release, status, the deadline, the end.</summary>
    public void Live()
    {
        Request(RequestType.Claim);
        Ask(Guard.Request.WriteStart(_packet, 1, Epoch, GuardRole.Replica, []), ReplyType.State);
        Expect(ReplyType.Accepted);
        Lease(GuardProtocol.NsPerSecond, ReplyType.Accepted);
        Lease(-1, ReplyType.Refused);
        Ask(Guard.Request.WriteRelease(_packet, 1, Epoch), ReplyType.Accepted);
        Ask(Guard.Request.WriteBare(_packet, RequestType.Status, 1), ReplyType.State);
        Lease(GuardProtocol.NsPerMs, ReplyType.Accepted);
        Turn();
        Expect(ReplyType.State);
        Turn();
        Expect(ReplyType.State);
        Lives++;
    }

    public void Dispose() => _socket.Dispose();

    private void Request(RequestType type) => Ask(Guard.Request.WriteBare(_packet, type, 1), ReplyType.Accepted);

    private void Lease(long fromNow, ReplyType expected) => Ask(Guard.Request.WriteLease(_packet, 1, Epoch, BootClock.NowNs + fromNow), expected);

    private void Ask(int length, ReplyType expected)
    {
        _ = _socket.Send(_packet.AsSpan(0, length), SocketFlags.None, out _);
        Turn();
        Expect(expected);
    }

    private void Expect(ReplyType expected)
    {
        if (Receive().Type != expected)
            throw new InvalidOperationException("another answer");
    }

    private void Turn()
    {
        var before = JitInfo.GetCompiledMethodCount(currentThread: true);
        if (!_loop.Turn())
            throw new InvalidOperationException("it ended");
        var compiled = JitInfo.GetCompiledMethodCount(currentThread: true) - before;
        Compiled += compiled;
    }

    private Reply Receive()
    {
        var length = _socket.Receive(_packet.AsSpan(), SocketFlags.None, out _);
        return Reply.TryRead(_packet.AsSpan(0, length), out var reply) ? reply : throw new InvalidOperationException("no reply");
    }
}
