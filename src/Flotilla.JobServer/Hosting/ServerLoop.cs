using Flotilla.JobServer.Core;
using Flotilla.JobServer.Http;
using Flotilla.JobServer.Sessions;
using Flotilla.Primitives;
using Flotilla.Sockets;

namespace Flotilla.JobServer.Hosting;

/// <summary>
/// One I/O thread's part of the server. Per wake-up: everything that came is stepped through the machine under one lock, then each
/// connection that was written to is flushed once; connections of other loops are left to them.
/// </summary>
internal sealed class ServerLoop(JobServerOptions options, MachineGate gate, BodyBudget bodies, bool isAlone, Action<Exception> onFailed)
    : ISocketHandler
{
    private const int LaterMs = 5;

    /// <summary>What others post to have the loop look at its touched connections.</summary>
    private static readonly object Wake = new();

    private List<ServerConnection> _touched = [];
    private List<ServerConnection> _finishing = [];
    private readonly List<ServerConnection> _later = [];
    private IReadOnlyList<ServerLoop> _others = [];
    private bool _isWakePosted;
    private bool _isFull;
    private long _nextDeadlineMs = long.MaxValue;
    private long _reportedReceived;
    private long _reportedSent;

    /// <summary>Peers of which something is expected in time.</summary>
    public WatchList Watch { get; } = new(options);

    public SocketLoop Sockets { get; private set; } = null!;

    public void Start(SocketLoopOptions socketOptions) => Sockets = SocketLoop.Start(this, socketOptions);

    /// <summary>Before any connection: who else there is.</summary>
    public void Meet(IEnumerable<ServerLoop> all) => _others = [.. all.Where(other => other != this)];

    /// <summary>Under the lock, from any thread.</summary>
    public void Touch(ServerConnection connection)
    {
        if (connection.IsTouched)
            return;
        connection.IsTouched = true;
        _touched.Add(connection);
    }

    /// <summary>The peer has enough on its way: look again in a moment.</summary>
    public void TouchLater(ServerConnection connection) => _later.Add(connection);

    /// <summary>Under the lock: whether somebody has to <see cref="PostWake"/> after releasing it.</summary>
    public bool NeedsWake()
    {
        if (_touched.Count == 0 || _isWakePosted)
            return false;
        _isWakePosted = true;
        return true;
    }

    public void PostWake() => Sockets.Post(Wake);

    public void OnBatch(SocketLoop loop, ReadOnlySpan<SocketEvent> events)
    {
        Sockets = loop;
        ServerLoop? toWake = null;
        List<ServerLoop>? moreToWake = null;
        lock (gate.Lock)
        {
            var nowMs = gate.NowMs();
            foreach (ref readonly var happened in events)
                OnEvent(happened, nowMs);
            Watch.EndLate(nowMs);
            gate.EndBatch(nowMs);
            FinishTouched(nowMs);
            Volatile.Write(ref _nextDeadlineMs, gate.Machine.NextDeadlineMs);
            foreach (var other in _others)
            {
                if (!other.NeedsWake())
                    continue;
                if (toWake is null)
                    toWake = other;
                else
                    (moreToWake ??= []).Add(other);
            }
        }

        toWake?.PostWake();
        moreToWake?.ForEach(other => other.PostWake());
        ReportTraffic(loop);
    }

    public int MillisecondsToSleep(SocketLoop loop)
    {
        var sleep = _later.Count > 0 ? LaterMs : Watch.SleepMs;
        if (_nextDeadlineMs == long.MaxValue)
            return sleep;
        var untilDeadline = (int)Math.Clamp(_nextDeadlineMs - gate.NowMs(), 0, int.MaxValue);
        return sleep < 0 ? untilDeadline : Math.Min(sleep, untilDeadline);
    }

    public void OnStopped(SocketLoop loop, Exception? failure)
    {
        if (failure is not null)
            onFailed(failure);
    }

    private void OnEvent(in SocketEvent happened, long nowMs)
    {
        switch (happened.Kind)
        {
            case SocketEventKind.Received:
                ((SocketPeer)happened.Connection.State!).OnReceived(nowMs);
                break;
            case SocketEventKind.Accepted:
                OnAccepted(happened.Connection, (JobServerListener)happened.State!, nowMs);
                break;
            case SocketEventKind.EndOfInput:
                (happened.Connection.State as SocketPeer)?.OnEndOfInput(nowMs);
                break;
            case SocketEventKind.Closed:
                OnClosed(happened, nowMs);
                break;
            case SocketEventKind.Posted:
                OnPosted(happened.State!, nowMs);
                break;
            case SocketEventKind.AcceptPaused:
                Log.AcceptFailed(gate.Logger, ((JobServerListener)happened.State!).EndPoint.ToString()!, happened.Detail ?? "");
                break;
            case SocketEventKind.AcceptResumed:
                Log.AcceptResumed(gate.Logger, ((JobServerListener)happened.State!).EndPoint.ToString()!, happened.Detail ?? "");
                break;
            case SocketEventKind.HandshakeFailed:
                Log.HandshakeFailed(gate.Logger, happened.State?.ToString() ?? "unix", happened.Detail ?? "");
                break;
            case SocketEventKind.Connected or SocketEventKind.ConnectFailed:
            default:
                throw new InvariantViolationException($"event {happened.Kind}");
        }
    }

    private void OnAccepted(SocketConnection socket, JobServerListener listener, long nowMs)
    {
        if (gate.Count >= options.MaxConnections)
        {
            if (!_isFull)
                Log.ConnectionsFull(gate.Logger, options.MaxConnections);
            _isFull = true;
            socket.Abort();
            return;
        }

        _isFull = false;
        Session session = listener.Protocol switch
        {
            JobServerProtocol.Gearman => new GearmanSession(options.MaxPacketBytes),
            JobServerProtocol.Http => new HttpSession(options.Http, bodies),
            _ => throw new InvariantViolationException($"protocol {listener.Protocol}"),
        };
        var peer = new SocketPeer(this, gate, socket, session, hasOwnQueue: !isAlone);
        socket.State = peer;
        var identity = socket.PeerCertificate?.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, false);
        var isTrusted = IsTrusted(socket, identity);
        gate.Begin(peer, new ConnectionInfo(peer.Address, socket.Descriptor, identity, isTrusted), nowMs);
        if (!isTrusted)
            Watch.ExpectSecret(peer, nowMs);
        Log.ConnectionOpened(gate.Logger, peer.Id.Slot, peer.Address);
    }

    private bool IsTrusted(SocketConnection socket, string? identity)
    {
        if (options.SharedSecret is null || identity is not null)
            return true;
        var isLocal = socket.RemoteEndPoint is not System.Net.IPEndPoint ip || System.Net.IPAddress.IsLoopback(ip.Address);
        return isLocal && options.TrustLocalConnections;
    }

    private void OnClosed(in SocketEvent happened, long nowMs)
    {
        if (happened.Connection.State is not SocketPeer peer)
            return;
        Watch.Forget(peer);
        peer.OnClosed();
        gate.End(peer, nowMs);
        if (happened.Reason is SocketCloseReason.SlowReader or SocketCloseReason.SlowSender or SocketCloseReason.CloseTimeout)
            Log.ConnectionEnded(gate.Logger, peer.Id.Slot, peer.Address, $"{happened.Reason} {happened.Detail}");
        else
            Log.ConnectionClosed(gate.Logger, peer.Id.Slot, peer.Address);
    }

    private void OnPosted(object message, long nowMs)
    {
        switch (message)
        {
            case StoreAnswer answer:
                answer.Step(gate, nowMs);
                break;
            case CloseAll:
                foreach (var peer in gate.Connections().OfType<SocketPeer>().Where(peer => peer.Loop == this))
                    peer.End(null, drop: false);
                break;
            default:
                Invariant.Require(ReferenceEquals(message, Wake));
                _isWakePosted = false;
                break;
        }
    }

    private void FinishTouched(long nowMs)
    {
        foreach (var connection in _later)
            Touch(connection);
        _later.Clear();
        while (_touched.Count > 0)
        {
            (_touched, _finishing) = (_finishing, _touched);
            foreach (var connection in _finishing)
            {
                connection.IsTouched = false;
                connection.Finish(nowMs);
            }

            _finishing.Clear();
        }
    }

    private void ReportTraffic(SocketLoop loop)
    {
        if (options.Observer is not { } observer)
            return;
        if (loop.BytesReceived != _reportedReceived)
            observer.BytesReceived(loop.BytesReceived - _reportedReceived);
        if (loop.BytesSent != _reportedSent)
            observer.BytesSent(loop.BytesSent - _reportedSent);
        _reportedReceived = loop.BytesReceived;
        _reportedSent = loop.BytesSent;
    }
}
