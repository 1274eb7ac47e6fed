using System.Buffers;
using System.Buffers.Binary;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Links;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Links;

/// <summary>One link monitor in a <see cref="LinkWorld"/>, and what it asked for.</summary>
internal sealed class LinkNode : INodeEffects, IHeartbeatPayload
{
    private readonly LinkWorld _world;
    private readonly NodeContext _context;
    private readonly Dictionary<NodeId, (LinkNode Node, ByteQueue Queue)> _outputs = [];

    public LinkNode(LinkWorld world, int index)
    {
        _world = world;
        Index = index;
        Id = new MemberId(new NodeId((ulong)(100 - index)), 1);
        var options = new NodeOptions { Name = LinkWorld.Name(index), Address = LinkWorld.Name(index), RandomSeed = 1 + (ulong)index };
        _context = new NodeContext(options) { Self = Id, Effects = this };
        Links = new LinkMonitor(_context, this);
        _context.Links = Links;
    }

    public int Index { get; }

    public MemberId Id { get; }

    public LinkMonitor Links { get; }

    public bool IsRunning { get; set; } = true;

    /// <summary>Stopped, as by SIGSTOP: frames wait.</summary>
    public bool IsPaused { get; set; }

    public List<NodeId> Received { get; } = [];

    public List<NodeEvent> Events { get; } = [];

    public int PayloadsRead { get; private set; }

    private readonly Queue<(LinkNode From, byte[] Frame)> _waiting = [];

    public void PeerUp(LinkNode other, uint incarnation = 1)
    {
        _outputs[other.Id.Node] = (other, new ByteQueue());
        Step(() => Links.OnPeerUp(new PeerHello { Id = other.Id with { Incarnation = incarnation }, Name = "", Address = "" }));
    }

    public void PeerDown(LinkNode other, PeerLoss loss)
    {
        _outputs.Remove(other.Id.Node);
        Step(() => Links.OnPeerDown(other.Id.Node, loss));
    }

    public void Tick()
    {
        if (!IsRunning || IsPaused)
            return;
        while (_waiting.TryDequeue(out var frame))
            Take(frame.From, frame.Frame);
        Step(Links.OnTick);
    }

    public void Take(LinkNode from, byte[] frame)
    {
        if (IsPaused)
            _waiting.Enqueue((from, frame));
        if (!IsRunning || IsPaused || !_outputs.ContainsKey(from.Id.Node))
            return;
        Step(() =>
        {
            if (Links.OnFrame(from.Id.Node, frame, out var origin, out var type, out _) && type == FrameType.Direct)
                Received.Add(origin);
        });
    }

    /// <summary>Any bytes, and what they make this node send is dropped.</summary>
    public void TakeBytes(LinkNode from, ReadOnlySpan<byte> frame)
    {
        Links.OnFrame(from.Id.Node, frame, out _, out _, out _);
        Events.Clear();
        foreach (var (_, queue) in _outputs.Values)
            queue.Clear();
    }

    public void SendTo(LinkNode other) => Step(() => _context.SendDirect(other.Id.Node, [1]));

    public void Step(Action action)
    {
        _context.NowNs = _world.NowMs * LinkWorld.Ms;
        action();
        foreach (var (node, queue) in _outputs.Values)
        {
            var bytes = queue.ToArray().AsSpan();
            queue.Clear();
            while (!bytes.IsEmpty)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
                _world.Send(Index, node.Index, bytes[4..(4 + length)].ToArray());
                bytes = bytes[(4 + length)..];
            }
        }
    }

    public ByteQueue? Output(NodeId peer) => _outputs.TryGetValue(peer, out var output) ? output.Queue : null;

    public void Report(in NodeEvent happened) => Events.Add(happened);

    public void WriteHeartbeat(NodeId to, IBufferWriter<byte> writer) => writer.Write("payload"u8);

    public void ReadHeartbeat(NodeId from, ReadOnlySpan<byte> payload)
    {
        PayloadsRead++;
    }

    public void Disconnect(NodeId peer, string reason) => throw new NotSupportedException();

    public void Peers(ClusterView view) => throw new NotSupportedException();

    public void Persist(in PersistRecord record) => throw new NotSupportedException();

    public void LeaseExtended(Lease lease) => throw new NotSupportedException();

    public void PrimaryLost(ulong epoch) => throw new NotSupportedException();

    public void ViewInstalled(ClusterView view) => throw new NotSupportedException();

    public void Evicted(MemberId id, string why) => throw new NotSupportedException();

    public void Deliver(in GroupDelivery delivery) => throw new NotSupportedException();

    public void Completed(ulong token, in CommandOutcome outcome) => throw new NotSupportedException();

    public ByteQueue? ClientOutput(uint client) => throw new NotSupportedException();

    public void Stopped() => throw new NotSupportedException();
}
