using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Sockets;

/// <summary>
/// Accepts for an <see cref="EpollLoop"/>. No error stops it: without descriptors or memory it pauses, says so once, and tries again when
/// a connection ends or a moment has passed. When that lasts for more than a second, who waits is turned away through a descriptor held
/// in reserve: a client that knows can go to another server, one that hangs cannot.
/// </summary>
internal sealed class EpollAcceptor(EpollLoop loop) : IDisposable
{
    private const int MaxPerRound = 256;
    private const int RetryEveryMs = 100;
    private const int PatienceMs = 1000;

    private readonly List<EpollListener> _listeners = [];
    private readonly byte[] _address = new byte[128];
    private int _reserve = Libc.OpenReserve();

    public void Add(EpollListener listener) => _listeners.Add(listener);

    public void Remove(EpollListener listener) => _listeners.Remove(listener);

    /// <summary>Takes all that wait, some hundred at a time.</summary>
    public void Accept(EpollListener listener)
    {
        for (var round = 0; round < MaxPerRound; round++)
        {
            var descriptor = Libc.Accept(listener.Descriptor, _address, out var length);
            if (descriptor >= 0)
            {
                if (listener.PausedSinceMs != 0)
                    Resume(listener);
                Take(listener, descriptor, ReadAddress(_address.AsSpan(0, length)));
                continue;
            }

            switch (Libc.LastError)
            {
                case Libc.EAgain:
                    // The kernel finds a descriptor before it looks for a connection: there is one again.
                    if (listener.PausedSinceMs != 0)
                        Resume(listener);
                    return;
                case Libc.EmFile or Libc.EnFile when !Libc.IsReadable(listener.Descriptor):
                    // For the same reason: no descriptor, but nobody who wants one either. Epoll tells when somebody does.
                    return;
                case Libc.EIntr or Libc.EConnAborted or Libc.EProto:
                    continue;
                default:
                    Pause(listener, Libc.Describe(Libc.LastError));
                    return;
            }
        }

        listener.RetryMs = SocketLoop.ClockMs;
    }

    /// <summary>Looks at listeners that wait for better times; returns when to look again.</summary>
    public int Check(long nowMs)
    {
        var next = -1;
        for (var i = 0; i < _listeners.Count; i++)
        {
            var listener = _listeners[i];
            if (listener.RetryMs == 0)
                continue;
            if (listener.RetryMs <= nowMs)
            {
                listener.RetryMs = 0;
                if (listener.PausedSinceMs != 0 && nowMs - listener.PausedSinceMs > PatienceMs)
                    TurnAway(listener);
                Accept(listener);
            }

            if (listener.RetryMs != 0)
                next = next < 0 ? (int)Math.Max(0, listener.RetryMs - nowMs) : Math.Min(next, (int)Math.Max(0, listener.RetryMs - nowMs));
        }

        return next;
    }

    public void OnDescriptorFreed()
    {
        foreach (var listener in _listeners)
        {
            if (listener.PausedSinceMs != 0)
                listener.RetryMs = SocketLoop.ClockMs;
        }
    }

    public void Dispose()
    {
        if (_reserve >= 0)
            Libc.Close(_reserve);
        _reserve = -1;
    }

    private void Take(EpollListener listener, int descriptor, EndPoint? remote)
    {
        var target = listener.NextTarget();
        if (listener.Options.Tls is not null)
            _ = TlsAcceptor.AcceptAsync(listener, new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)), remote, target);
        else if (target == loop)
            loop.AddAccepted(descriptor, remote, listener.Options.State);
        else if (target is EpollLoop other)
            other.Post(new LoopCommand(() => other.AddAccepted(descriptor, remote, listener.Options.State), () => Libc.Close(descriptor)));
        else
            target.AdoptSocket(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)), remote, SocketEventKind.Accepted, listener.Options.State);
    }

    private void Pause(EpollListener listener, string why)
    {
        listener.RetryMs = SocketLoop.ClockMs + RetryEveryMs;
        if (listener.PausedSinceMs != 0)
            return;
        listener.PausedSinceMs = SocketLoop.ClockMs;
        loop.AddEvent(new SocketEvent(SocketEventKind.AcceptPaused, null, listener.Options.State, why));
    }

    private void Resume(EpollListener listener)
    {
        loop.AddEvent(new SocketEvent(
            SocketEventKind.AcceptResumed, null, listener.Options.State, $"{listener.TurnedAway} connections were turned away"));
        listener.PausedSinceMs = 0;
        listener.TurnedAway = 0;
        listener.RetryMs = 0;
    }

    private void TurnAway(EpollListener listener)
    {
        if (_reserve < 0)
            return;
        Libc.Close(_reserve);
        for (var i = 0; i < MaxPerRound; i++)
        {
            var descriptor = Libc.Accept(listener.Descriptor, _address, out _);
            if (descriptor < 0)
                break;
            Libc.Close(descriptor);
            listener.TurnedAway++;
        }

        _reserve = Libc.OpenReserve();
    }

    /// <summary>sockaddr_in or sockaddr_in6 as Linux lays them out; anything else is a Unix socket, which has no address to speak of.</summary>
    private static IPEndPoint? ReadAddress(ReadOnlySpan<byte> address)
    {
        const int Inet = 2;
        const int Inet6 = 10;
        if (address.Length >= 8 && address[0] == Inet)
            return new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
        if (address.Length < 28 || address[0] != Inet6)
            return null;
        var scope = BinaryPrimitives.ReadUInt32LittleEndian(address[24..]);
        var ip = new IPAddress(address.Slice(8, 16), scope);
        return new IPEndPoint(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
    }
}
