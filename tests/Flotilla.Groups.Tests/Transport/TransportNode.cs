using System.Collections.Concurrent;
using System.Net;
using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Groups.Hosting;
using Flotilla.Groups.Transport;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups.Tests.Transport;

/// <summary>The transport of a node, with nothing behind it: records what it is told.</summary>
internal sealed class TransportNode : ISocketHandler, ITransportSink, IAsyncDisposable
{
    public const byte FrameType = 48;

    private readonly NodeTransport _transport;
    private readonly SocketLoop _loop;
    private readonly TransportOptions _options;
    private readonly ulong _instance = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());
    private bool _isStarted;

    public TransportNode(ulong id, TransportOptions? options = null, int port = 0, INodeDiscovery? discovery = null, SocketLoopKind kind = SocketLoopKind.Automatic)
    {
        Id = new NodeId(id);
        _options = options ?? new TransportOptions();
        _transport = new NodeTransport(_options, 1 << 20, discovery ?? new LaterDiscovery(this), this, Lines);
        _loop = SocketLoop.Start(this, new SocketLoopOptions { Kind = kind });
        var listener = _loop.Listen(new SocketListenerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, port), Tls = _options.Tls?.LoadServer() });
        EndPoint = (IPEndPoint)listener.EndPoint;
    }

    public NodeId Id { get; }

    public ClusterId Cluster { get; init; }

    public IPEndPoint EndPoint { get; }

    public IReadOnlyList<string> Seeds { get; set; } = [];

    public LineLogger Lines { get; } = new();

    public ConcurrentDictionary<NodeId, PeerHello> Peers { get; } = [];

    public ConcurrentQueue<(NodeId Peer, PeerLoss Loss)> Losses { get; } = [];

    public ConcurrentQueue<(NodeId Peer, byte[] Frame)> Frames { get; } = [];

    public ConcurrentQueue<(uint Client, byte[] Frame)> ClientFrames { get; } = [];

    public ConcurrentDictionary<uint, bool> Clients { get; } = [];

    public int PeerUps;

    public TransportNode Connecting(params IEnumerable<TransportNode> others)
    {
        Seeds = [.. others.Select(other => other.EndPoint.ToString())];
        return Begin();
    }

    public TransportNode Begin()
    {
        _loop.Post(() =>
        {
            _transport.Start(_loop, NodeClock.NowNs);
            _isStarted = true;
        });
        return this;
    }

    public void Send(NodeId to, byte[] body)
        => _loop.Post(() =>
        {
            if (_transport.Output(to, NodeClock.NowNs) is { } output)
                Write(output, FrameType, body);
        });

    public void SendToClient(uint client, byte[] body)
        => _loop.Post(() => Write(_transport.ClientOutput(client, NodeClock.NowNs)!, FrameType, body));

    public void SayGoodbye(NodeId to)
        => _loop.Post(() => Write(_transport.Output(to, NodeClock.NowNs)!, (byte)Core.Frames.FrameType.Goodbye, []));

    public void Disconnect(NodeId peer, string reason) => _loop.Post(() => _transport.Disconnect(peer, reason));

    public void OnBatch(SocketLoop loop, ReadOnlySpan<SocketEvent> events)
    {
        foreach (ref readonly var happened in events)
        {
            if (happened.Kind != SocketEventKind.Posted)
                _transport.OnEvent(loop, happened, NodeClock.NowNs);
            else if (happened.State is Action action)
                action();
            else
                Assert.True(_transport.OnPosted(loop, happened.State!, NodeClock.NowNs));
        }

        if (_isStarted)
            _transport.Check(loop, NodeClock.NowNs);
    }

    public int MillisecondsToSleep(SocketLoop loop) => 10;

    public void OnStopped(SocketLoop loop, Exception? failure)
    {
        if (failure is not null)
            Lines.LogError(failure, "loop failed");
    }

    public Hello LocalHello(byte[] nonce) => new()
    {
        HasSecret = _options.Secret is not null,
        Cluster = Cluster,
        Id = new MemberId(Id, 1),
        Instance = _instance,
        Nonce = nonce,
        Name = "node " + Id.Value,
        Address = EndPoint.ToString(),
    };

    public void OnPeerUp(PeerHello hello)
    {
        Interlocked.Increment(ref PeerUps);
        Peers[hello.Id.Node] = hello;
    }

    public void OnPeerDown(NodeId peer, PeerLoss loss)
    {
        Peers.TryRemove(peer, out _);
        Losses.Enqueue((peer, loss));
    }

    public void OnPeerFrame(NodeId peer, ReadOnlySpan<byte> frame) => Frames.Enqueue((peer, frame.ToArray()));

    public void OnClientUp(uint client) => Clients[client] = true;

    public void OnClientFrame(uint client, ReadOnlySpan<byte> frame) => ClientFrames.Enqueue((client, frame.ToArray()));

    public void OnClientDown(uint client) => Clients.TryRemove(client, out _);

    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync();
        await _loop.Completion;
    }

    private static void Write(Primitives.ByteQueue output, byte type, byte[] body) => Handshake.Write(output, (HandshakeFrame)type, body);

    private sealed class LaterDiscovery(TransportNode node) : INodeDiscovery
    {
        public Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellation) => Task.FromResult(node.Seeds);
    }
}
