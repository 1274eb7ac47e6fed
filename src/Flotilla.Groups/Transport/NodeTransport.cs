using System.Security.Cryptography;
using System.Text;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Discovery;
using Flotilla.Primitives;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups.Transport;

/// <summary>
/// A node's connections: one per pair of nodes, used in both directions, and those of external clients. Both sides dial while they have none; when two
/// dials cross, the acceptor of each decides by the same rule (the dial of the lower node id stays). A side that dials has no connection, so its
/// dial replaces one that only the other side still believes in. All on the node's thread. See docs/design/groups-runtime.md.
/// </summary>
internal sealed class NodeTransport
{
    private const long CheckEveryNs = 50_000_000;

    /// <summary>A connection younger than this is not replaced by one that the other side began before it knew of it.</summary>
    private const long YoungNs = 1_000_000_000;

    private const int KeepAlivesPerSilence = 4;

    private readonly TransportOptions _options;
    private readonly int _maxFrameBytes;
    private readonly ITransportSink _sink;
    private readonly ILogger _logger;
    private readonly byte[]? _secret;
    private readonly Dialer _dialer;
    private readonly Seeker _seeker;
    private readonly Dictionary<NodeId, NodeConnection> _peers = [];
    private readonly Dictionary<uint, NodeConnection> _clients = [];
    private readonly List<NodeConnection> _all = [];
    private readonly Func<NodeId, bool> _isConnected;
    private readonly long _silenceNs;
    private Hello _self = new() { Nonce = [] };
    private uint _lastClient;
    private long _checkNs;
    private bool _isEnding;

    public NodeTransport(TransportOptions options, int maxFrameBytes, INodeDiscovery discovery, ITransportSink sink, ILogger logger)
    {
        _options = options;
        _maxFrameBytes = maxFrameBytes;
        _sink = sink;
        _logger = logger;
        _secret = options.Secret is null ? null : Encoding.UTF8.GetBytes(options.Secret);
        _dialer = new Dialer(options, logger);
        _seeker = new Seeker(options, discovery, _dialer, logger);
        _isConnected = _peers.ContainsKey;
        _silenceNs = (long)options.SilenceLimit.TotalNanoseconds;
    }

    public int ConnectionCount => _all.Count;

    /// <summary>This node's identity is known: connections may be made.</summary>
    public void Start(SocketLoop loop, long nowNs)
    {
        _self = _sink.LocalHello([]);
        Check(loop, nowNs);
    }

    public void SetMembers(ClusterView view) => _dialer.SetMembers(view, _self.Id.Node);

    /// <summary>Where frames for a node go; null without a connection, or when too much waits for it already.</summary>
    public ByteQueue? Output(NodeId node, long nowNs) => _peers.TryGetValue(node, out var peer) ? OutputOf(peer, nowNs) : null;

    public ByteQueue? ClientOutput(uint client, long nowNs) => _clients.TryGetValue(client, out var found) ? OutputOf(found, nowNs) : null;

    public void Disconnect(NodeId node, string reason)
    {
        if (_peers.TryGetValue(node, out var peer))
            End(peer, reason);
    }

    public void DisconnectClient(uint client, string reason)
    {
        if (_clients.TryGetValue(client, out var connection))
            End(connection, reason);
    }

    /// <summary>Ends all connections in good order; they are gone when <see cref="ConnectionCount"/> is 0.</summary>
    public void BeginEnd()
    {
        _isEnding = true;
        foreach (var connection in _all.ToArray())
            connection.Socket.Close();
    }

    public void OnEvent(SocketLoop loop, in SocketEvent happened, long nowNs)
    {
        switch (happened.Kind)
        {
            case SocketEventKind.Received:
                OnReceived((NodeConnection)happened.Connection.State!, nowNs);
                break;
            case SocketEventKind.Accepted or SocketEventKind.Connected:
                OnConnection(happened.Connection, happened.State as DialTarget, nowNs);
                break;
            case SocketEventKind.ConnectFailed:
                OnDialFailed((DialTarget)happened.State!, happened.Detail ?? "no connection", happened.IsRefused, nowNs);
                break;
            case SocketEventKind.EndOfInput:
                OnClosed((NodeConnection)happened.Connection.State!, "it ended the connection", isSudden: true, nowNs);
                happened.Connection.Close();
                break;
            case SocketEventKind.Closed:
                OnClosed(
                    (NodeConnection)happened.Connection.State!,
                    happened.Detail ?? happened.Reason.ToString(),
                    happened.Reason == SocketCloseReason.Broken,
                    nowNs);
                break;
            case SocketEventKind.AcceptPaused:
                Log.AcceptFailed(_logger, _self.Address, happened.Detail ?? "");
                break;
            case SocketEventKind.AcceptResumed:
                Log.AcceptResumed(_logger, _self.Address, happened.Detail ?? "");
                break;
            case SocketEventKind.HandshakeFailed:
                Log.ConnectionEnded(_logger, happened.State?.ToString() ?? "unknown", $"TLS handshake: {happened.Detail}");
                break;
            case SocketEventKind.Posted:
            default:
                throw new InvariantViolationException($"event {happened.Kind}");
        }
    }

    /// <summary>Takes a message of the dialler or the discovery; false for others.</summary>
    public bool OnPosted(SocketLoop loop, object message, long nowNs)
    {
        switch (message)
        {
            case Resolved resolved:
                _dialer.OnResolved(loop, resolved, nowNs);
                return true;
            case DialEnded ended:
                OnDialFailed(ended.Target, ended.Why, ended.IsRefused, nowNs);
                return true;
            case Found found:
                _seeker.OnFound(found, nowNs);
                _checkNs = 0;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Periodic duties: dials, ends what is silent, keeps alive what is idle, discovers.</summary>
    public void Check(SocketLoop loop, long nowNs)
    {
        if (_isEnding || nowNs < _checkNs)
            return;
        _checkNs = Math.Min(nowNs + CheckEveryNs, _dialer.Dial(loop, nowNs, _isConnected));
        for (var i = _all.Count - 1; i >= 0; i--)
            CheckConnection(_all[i], nowNs);
        _seeker.Check(loop, nowNs, _isConnected);
    }

    private ByteQueue? OutputOf(NodeConnection connection, long nowNs)
    {
        var socket = connection.Socket;
        if (!socket.IsOpen || socket.WaitingBytes > _options.PeerOutputLimitBytes)
            return null;
        connection.SpokeNs = nowNs;
        socket.Flush();
        return socket.Output;
    }

    private void CheckConnection(NodeConnection connection, long nowNs)
    {
        if (connection.Handshake is not null)
        {
            if (nowNs - connection.BeganNs > _options.HandshakeTimeout.TotalNanoseconds)
                End(connection, $"its handshake was not over after {_options.HandshakeTimeout.TotalSeconds:0.#} s");
            return;
        }

        if (connection.Client != 0)
            return;
        if (nowNs - connection.HeardNs > _silenceNs)
            End(connection, $"silent for {_options.SilenceLimit.TotalSeconds:0.#} s");
        else if (nowNs - connection.SpokeNs > _silenceNs / KeepAlivesPerSilence && OutputOf(connection, nowNs) is { } output)
            Handshake.Write(output, HandshakeFrame.KeepAlive, default);
    }

    private void OnConnection(SocketConnection socket, DialTarget? target, long nowNs)
    {
        var hello = _sink.LocalHello(RandomNumberGenerator.GetBytes(Hello.NonceBytes));
        var address = target?.Address ?? socket.RemoteEndPoint?.ToString() ?? "unknown";
        var connection = new NodeConnection(socket, new Handshake(target is not null, hello, _secret), target, address, nowNs);
        socket.State = connection;
        _all.Add(connection);
        if (_isEnding)
        {
            socket.Abort();
            return;
        }

        socket.Flush();
        if (target is not null)
            connection.Handshake!.Begin(socket.Output);
        else
            LimitHandshakes();
    }

    private void LimitHandshakes()
    {
        var count = 0;
        NodeConnection? oldest = null;
        foreach (var connection in _all)
        {
            if (connection.Handshake is null || connection.Target is not null)
                continue;
            count++;
            oldest ??= connection;
        }

        if (count > _options.MaxHandshakes)
            End(oldest!, $"{count} handshakes are under way, and its is the oldest");
    }

    private void OnReceived(NodeConnection connection, long nowNs)
    {
        var socket = connection.Socket;
        var unread = socket.Unread;
        var at = 0;
        var wanted = 0;
        connection.HeardNs = nowNs;
        while (socket.IsOpen)
        {
            var limit = connection.Handshake is null ? _maxFrameBytes : Handshake.MaxFrameBytes;
            if (!FrameSplitter.TrySplit(unread[at..], limit, out var frame, out wanted))
            {
                if (wanted < 0)
                    OnBadLength(connection, unread[at..], limit);
                break;
            }

            at += wanted;
            OnFrame(connection, frame, nowNs);
        }

        if (socket.IsOpen)
            socket.Consume(at, Math.Max(0, wanted));
    }

    private void OnBadLength(NodeConnection connection, ReadOnlySpan<byte> bytes, int limit)
    {
        var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (connection.Handshake is { } handshake)
            Refuse(connection, handshake, RefusalCode.Protocol, FrameSplitter.Describe(bytes));
        else
            End(connection, $"a frame of {length} bytes came, the limit is {limit}");
    }

    private void OnFrame(NodeConnection connection, ReadOnlySpan<byte> frame, long nowNs)
    {
        if (connection.Handshake is { } handshake)
        {
            OnHandshake(connection, handshake, frame, nowNs);
            return;
        }

        var type = frame[0];
        if (type >= (byte)HandshakeFrame.KeepAlive)
        {
            if (type != (byte)HandshakeFrame.KeepAlive)
                End(connection, $"a frame of type {type} came after the handshake");
        }
        else if (connection.Client != 0)
        {
            _sink.OnClientFrame(connection.Client, frame);
        }
        else
        {
            connection.SaidGoodbye |= type == (byte)FrameType.Goodbye;
            _sink.OnPeerFrame(connection.Node, frame);
        }
    }

    private void OnHandshake(NodeConnection connection, Handshake handshake, ReadOnlySpan<byte> frame, long nowNs)
    {
        var socket = connection.Socket;
        switch (handshake.Receive(frame, socket.Output))
        {
            case HandshakeState.PeerKnown:
                OnReached(connection, handshake, nowNs);
                break;
            case HandshakeState.Proven:
                OnProven(connection, handshake, nowNs);
                break;
            case HandshakeState.Done:
                Establish(connection, handshake.Peer!, nowNs);
                break;
            case HandshakeState.Failed:
                OnHandshakeFailed(connection, handshake, nowNs);
                break;
            default:
                break;
        }

        socket.Flush();
    }

    /// <summary>As dialler: whom did it reach, and is the connection wanted still?</summary>
    private void OnReached(NodeConnection connection, Handshake handshake, long nowNs)
    {
        var peer = handshake.Peer!;
        var target = connection.Target!;
        target.Node = peer.Id.Node;
        if (peer.Id.Node == _self.Id.Node)
        {
            target.IsSelf = peer.Instance == _self.Instance;
            if (!target.IsSelf)
                Log.ConnectionEnded(_logger, connection.Address, peer.TellOfCopy());
            Drop(connection, nowNs);
        }
        else if (_peers.ContainsKey(peer.Id.Node) || FindOwnDial(peer.Id.Node) is not null)
        {
            Drop(connection, nowNs);
        }
        else
        {
            handshake.Confirm(connection.Socket.Output);
        }
    }

    /// <summary>This node's own dial to another that only waits for the last word.</summary>
    private NodeConnection? FindOwnDial(NodeId node)
        => _all.Find(own => own is { Target: not null, Handshake: { State: HandshakeState.AwaitsAccepted, Peer: { } reached } } && reached.Id.Node == node);

    /// <summary>As acceptor: take it or not.</summary>
    private void OnProven(NodeConnection connection, Handshake handshake, long nowNs)
    {
        var peer = handshake.Peer!;
        if (peer.Role == PeerRole.Client)
        {
            if (_clients.Count >= _options.MaxClients)
            {
                Refuse(connection, handshake, RefusalCode.Full, $"{_clients.Count} clients are connected, no more are taken");
                return;
            }

            handshake.Accept(connection.Socket.Output);
            connection.Handshake = null;
            connection.Client = ++_lastClient == 0 ? ++_lastClient : _lastClient;
            _clients[connection.Client] = connection;
            _sink.OnClientUp(connection.Client);
            return;
        }

        var ownDial = FindOwnDial(peer.Id.Node);
        var existing = _peers.GetValueOrDefault(peer.Id.Node);
        var ownWins = _self.Id.Node < peer.Id.Node;
        if (peer.Id.Node == _self.Id.Node)
        {
            handshake.Fail(connection.Socket.Output, RefusalCode.Identity, "it has this node's own identity");
            if (peer.Instance != _self.Instance)
                Log.ConnectionEnded(_logger, connection.Address, peer.TellOfCopy());
            Drop(connection, nowNs);
        }
        else if (ownWins && (ownDial is not null || (existing is { Target: not null } && nowNs - existing.EstablishedNs < YoungNs && existing.Peer!.Instance == peer.Instance)))
        {
            handshake.Fail(connection.Socket.Output, RefusalCode.Duplicate, "the other connection between the two stays");
            Drop(connection, nowNs);
        }
        else
        {
            if (ownDial is not null)
                Drop(ownDial, nowNs);
            handshake.Accept(connection.Socket.Output);
            Establish(connection, peer, nowNs);
        }
    }

    private void Establish(NodeConnection connection, Hello peer, long nowNs)
    {
        if (_peers.Remove(peer.Id.Node, out var existing))
        {
            Forget(existing, "a new connection replaced it", PeerLoss.Broken);
            existing.Socket.Abort();
        }

        connection.Handshake = null;
        connection.Peer = peer;
        connection.EstablishedNs = nowNs;
        if (connection.Target is { } target)
            target.IsBusy = false;
        _peers[peer.Id.Node] = connection;
        _dialer.OnConnected(peer);
        Log.PeerConnected(_logger, peer.Id.ToString(), peer.Name, peer.Address);
        _sink.OnPeerUp(peer.ToPeerHello());
    }

    private void OnHandshakeFailed(NodeConnection connection, Handshake handshake, long nowNs)
    {
        if (connection.Target is { } target)
        {
            if (handshake.Code is RefusalCode.Duplicate or RefusalCode.Identity)
            {
                Drop(connection, nowNs);
                return;
            }

            connection.IsForgotten = true;
            var why = handshake.WasRefused ? $"it refused: {handshake.Reason}" : handshake.Reason;
            OnDialFailed(target, why, isRefused: false, nowNs);
            connection.Socket.Close();
        }
        else
        {
            End(connection, handshake.Reason);
        }
    }

    private void Refuse(NodeConnection connection, Handshake handshake, RefusalCode code, string reason)
    {
        handshake.Fail(connection.Socket.Output, code, reason);
        End(connection, reason);
    }

    private void OnDialFailed(DialTarget target, string why, bool isRefused, long nowNs)
    {
        var gone = _dialer.OnFailed(target, why, isRefused, nowNs);
        _checkNs = 0;
        if (!gone.IsNone && !_peers.ContainsKey(gone))
            _sink.OnPeerDown(gone, PeerLoss.ProcessGone);
    }

    /// <summary>Ends a connection for cause: one line, what was written still leaves.</summary>
    private void End(NodeConnection connection, string why)
    {
        if (connection.IsForgotten)
            return;
        Log.ConnectionEnded(_logger, connection.Peer is { } peer ? $"{peer.Id} at {connection.Address}" : connection.Address, why);
        Forget(connection, null, PeerLoss.Broken);
        if (connection.Handshake is null && connection.Client == 0)
            connection.Socket.Abort();
        else
            connection.Socket.Close();
    }

    /// <summary>Ends a connection that nothing is wrong with.</summary>
    private void Drop(NodeConnection connection, long nowNs)
    {
        connection.IsForgotten = true;
        if (connection.Target is { } target)
            _dialer.OnNotNeeded(target, nowNs);
        connection.Socket.Close();
    }

    private void OnClosed(NodeConnection connection, string why, bool isSudden, long nowNs)
    {
        if (!connection.Socket.IsOpen)
            _all.Remove(connection);
        if (connection.IsForgotten)
            return;
        if (connection.Handshake is { } handshake)
        {
            connection.IsForgotten = true;
            if (connection.Target is { } target)
                OnDialFailed(target, $"{why} during the handshake", isRefused: false, nowNs);
            else if (handshake.State == HandshakeState.AwaitsHello && connection.Socket.BytesReceived > 0)
                Log.ConnectionEnded(_logger, connection.Address, $"{why} in the middle of its hello");
            // Else it only looked whether somebody listens, or has another connection by now.
            return;
        }

        var peer = connection.Peer;
        Forget(connection, why, connection.SaidGoodbye ? PeerLoss.Closed : PeerLoss.Broken);
        if (peer is null || _isEnding)
            return;
        _dialer.OnLost(peer, nowNs, isSudden && !connection.SaidGoodbye);
        _checkNs = 0;
    }

    private void Forget(NodeConnection connection, string? why, PeerLoss loss)
    {
        connection.IsForgotten = true;
        if (connection.Target is { IsBusy: true } target && connection.Handshake is not null)
            target.IsBusy = false;
        if (connection.Client != 0)
        {
            if (_clients.Remove(connection.Client))
                _sink.OnClientDown(connection.Client);
            return;
        }

        if (connection.Peer is not { } peer)
            return;
        if (why is not null)
            Log.PeerLost(_logger, peer.Id.ToString(), why);
        if (_peers.TryGetValue(peer.Id.Node, out var current) && current == connection)
            _peers.Remove(peer.Id.Node);
        _sink.OnPeerDown(peer.Id.Node, loss);
    }
}
