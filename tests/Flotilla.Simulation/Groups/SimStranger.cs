using System.Buffers.Binary;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// A node of another cluster, with the same software. It connected before either had a cluster, so that nobody refused it, and says what such a node may say to one
/// that has: heartbeats, its views, that it wants in, that a view of its own is to follow.
/// </summary>
internal sealed class SimStranger : INodeEffects
{
    private const long TickNs = 20_000_000;

    private readonly GroupWorld _world;
    private readonly NodeMachine _machine;
    private readonly ByteQueue _output = new();
    private readonly FrameBuilder _builder = new();
    private ulong _tickets;
    private long _nowNs;
    private NodeId _host;

    public SimStranger(GroupWorld world, uint draw)
    {
        _world = world;
        _machine = new NodeMachine(new NodeOptions { Name = "stranger", Address = "x0", Founders = ["x0"], RandomSeed = draw + 1ul });
        Step(NodeInput.Start(_nowNs, isSameBoot: true));
        while (_machine.View is null)
            Tick();
    }

    /// <summary>Talks to a node for a while.</summary>
    public void Knock(SimNode node, long untilNs)
    {
        var life = node.Life;
        _host = node.Self.Node;
        node.GuestUp(Hello());
        Step(NodeInput.PeerUp(_nowNs, node.Hello()));
        Speak(node, life, untilNs);
    }

    ByteQueue? INodeEffects.Output(NodeId peer) => peer == _host ? _output : null;

    void INodeEffects.Persist(in PersistRecord record) => _tickets++;

    void INodeEffects.Disconnect(NodeId peer, string reason)
    {
    }

    void INodeEffects.Peers(ClusterView view)
    {
    }

    void INodeEffects.LeaseExtended(Lease lease)
    {
    }

    void INodeEffects.PrimaryLost(ulong epoch)
    {
    }

    void INodeEffects.ViewInstalled(ClusterView view)
    {
    }

    void INodeEffects.Evicted(MemberId id, string why)
    {
    }

    void INodeEffects.Deliver(in GroupDelivery delivery)
    {
    }

    void INodeEffects.Completed(ulong token, in CommandOutcome outcome)
    {
    }

    ByteQueue? INodeEffects.ClientOutput(uint client) => null;

    void INodeEffects.Stopped()
    {
    }

    void INodeEffects.Report(in NodeEvent happened)
    {
    }

    private PeerHello Hello() => new() { Id = _machine.Self, Name = "stranger", Address = "x0", WireVersion = FrameLimits.WireVersion };

    private void Speak(SimNode node, int life, long untilNs)
    {
        if (!node.IsRunning || node.Life != life)
            return;
        if (_world.Queue.NowNs >= untilNs)
        {
            node.GuestDown(_machine.Self.Node);
            return;
        }

        Tick();
        for (var bytes = _output.ToArray().AsSpan(); !bytes.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            node.GuestFrame(_machine.Self.Node, bytes.Slice(4, length));
            bytes = bytes[(4 + length)..];
        }

        _output.Clear();
        Tell(node);
        _world.Queue.After(10 * TickNs, new WorldEvent(WorldEventKind.Mend, -1, Payload: (Action)(() => Speak(node, life, untilNs))));
    }

    /// <summary>As if its cluster were just one view ahead of the node's.</summary>
    private void Tell(SimNode node)
    {
        var state = _machine.Log.State;
        var view = _machine.View! with { Epoch = Math.Max(1, node.View?.Epoch ?? 0) };
        var decided = new DecidedView(view, [0]);
        Say(node, FrameType.Join, () => new JoinFrame(view.Cluster, view.Epoch, state.Card).Write(_builder));
        Say(node, FrameType.Prepare, () => new PrepareFrame(new Ballot(view.Epoch + 1, 7, _machine.Self.Node), decided).Write(_builder));
        Say(node, FrameType.Install, () => ViewCodec.Write(_builder.Clear(), new DecidedView(view with { Epoch = view.Epoch + 1 }, [0])));
    }

    private void Say(SimNode node, FrameType type, Action write)
    {
        write();
        node.GuestFrame(_machine.Self.Node, [(byte)type, .. _builder.Body]);
    }

    private void Tick()
    {
        _nowNs += TickNs;
        Step(NodeInput.Tick(_nowNs));
    }

    /// <summary>What it persists is flushed at once.</summary>
    private void Step(in NodeInput input)
    {
        _machine.Step(input, this);
        _machine.Flush(_nowNs, this);
        for (var told = 0ul; told < _tickets;)
        {
            told = _tickets;
            _machine.Step(NodeInput.Written(_nowNs, told), this);
            _machine.Step(NodeInput.Flushed(_nowNs, told), this);
            _machine.Flush(_nowNs, this);
        }
    }
}
