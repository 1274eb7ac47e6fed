using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Layer;
using Flotilla.Groups.Core.Links;
using Flotilla.Groups.Core.Log;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core;

/// <summary>
/// One node of a cluster, without sockets, clock, disk and threads: the same inputs give the same effects. Driven by one caller at a time.
/// See docs/design/groups.md.
/// </summary>
public sealed class NodeMachine
{
    private readonly NodeContext _context;
    private readonly ReplicatedLog _log;
    private readonly LinkMonitor _links;
    private readonly ILogConsumer _consumer;
    private readonly GroupLayer? _layer;
    private readonly List<NodeId> _peers = [];
    private bool _isStarted;

    public NodeMachine(NodeOptions options)
        : this(options, static (context, log) => new GroupLayer(context, log))
    {
    }

    /// <summary>With another consumer than the group layer; for tests of the log alone.</summary>
    internal NodeMachine(NodeOptions options, Func<NodeContext, IReplicatedLog, ILogConsumer> layer)
    {
        var wrong = options.Validate();
        if (wrong.Count > 0)
            throw new ArgumentException(string.Join("; ", wrong), nameof(options));
        _context = new NodeContext(options);
        _log = new ReplicatedLog(_context, () => _peers);
        _links = new LinkMonitor(_context, _log);
        _context.Links = _links;
        _consumer = layer(_context, _log);
        _layer = _consumer as GroupLayer;
        _log.Attach(_consumer);
        _log.Installed = _links.OnView;
        _log.Left = _links.SayGoodbye;
    }

    /// <summary>This life of the node; its incarnation is 0 until it is on disk, and another after an eviction.</summary>
    public MemberId Self => _context.Self;

    /// <summary>The cluster it belongs to; none before its first view.</summary>
    public ClusterId Cluster => _log.Cluster;

    /// <summary>The newest view this node knows of, whether it is in it or not.</summary>
    public ClusterView? View => _log.View;

    /// <summary>Whether this life of the node is in <see cref="View"/>.</summary>
    public bool IsMember => _log.IsMember;

    /// <summary>The lease it holds; <c>default</c> without one. Ask it with the time of now.</summary>
    public Lease Lease => _log.Lease;

    /// <summary>Bytes of entries and messages kept in memory.</summary>
    public long RetainedBytes => _log.RetainedBytes;

    internal ReplicatedLog Log => _log;

    /// <summary>Takes one input.</summary>
    public void Step(in NodeInput input, INodeEffects effects)
    {
        Begin(input.NowNs, effects);
        switch (input.Kind)
        {
            case NodeInputKind.Replayed:
                Invariant.Require(!_isStarted);
                _log.OnReplayed(input.Record);
                return;
            case NodeInputKind.Start:
                Invariant.Require(!_isStarted);
                _isStarted = true;
                _log.OnStart(input.IsSameBoot);
                break;
            case NodeInputKind.Tick:
                _links.OnTick();
                _log.OnTick();
                _consumer.OnTick();
                break;
            case NodeInputKind.PeerUp:
                if (!_peers.Contains(input.Peer))
                    _peers.Add(input.Peer);
                _links.OnPeerUp(input.Hello!);
                break;
            case NodeInputKind.PeerDown:
                _peers.Remove(input.Peer);
                _links.OnPeerDown(input.Peer, input.Loss);
                break;
            case NodeInputKind.Frame:
                OnFrame(input.Peer, input.Bytes);
                break;
            case NodeInputKind.Written:
                _log.OnWritten(input.Ticket);
                break;
            case NodeInputKind.Flushed:
                _log.OnFlushed(input.Ticket);
                break;
            case NodeInputKind.PersistFailed:
                _log.OnPersistFailed(input.Reason ?? "the disk failed");
                break;
            case NodeInputKind.Stop:
                _log.OnStop();
                break;
            default:
                OnApplication(input);
                break;
        }

        _log.AfterStep();
    }

    /// <summary>Ends a batch of steps: frames that gather entries and acknowledgements leave, entries go to disk. After each batch, and after each tick.</summary>
    public void Flush(long nowNs, INodeEffects effects)
    {
        Begin(nowNs, effects);
        if (!_isStarted)
            return;
        _log.Flush();
        _log.AfterStep();
    }

    private void Begin(long nowNs, INodeEffects effects)
    {
        Invariant.Require(nowNs >= _context.NowNs || _context.Effects is null);
        _context.NowNs = nowNs;
        _context.Effects = effects;
        if (_isStarted)
            _log.OnStep();
    }

    private void OnFrame(NodeId peer, ReadOnlySpan<byte> frame)
    {
        if (!_links.OnFrame(peer, frame, out var from, out var type, out var body))
            return;
        if (type == FrameType.Direct)
            _consumer.OnDirect(from, body);
        else if (!_log.OnFrame(from, type, body))
            OnBadFrame(peer, from, type);
    }

    private void OnBadFrame(NodeId peer, NodeId from, FrameType type)
    {
        _context.Report(NodeEventKind.BadFrame, from, (ulong)type, $"a frame of type {(byte)type} that makes no sense");
        if (peer == from)
            _context.Effects.Disconnect(peer, $"sent a frame of type {(byte)type} that makes no sense");
    }

    private void OnApplication(in NodeInput input)
    {
        switch (input.Kind)
        {
            case NodeInputKind.Command when input.Command is ForceBootstrap force:
                ForceBootstrap(input.Token, force);
                break;
            case NodeInputKind.Command when input.Command is DecideTie decision:
                _log.Do(decision);
                Complete(input.Token);
                break;
            case NodeInputKind.Command:
                _layer?.Command(input.Token, input.Command!);
                break;
            case NodeInputKind.Send:
                _layer?.Send(input.Target, input.Delivery, input.Token, input.Bytes);
                break;
            case NodeInputKind.ClientUp:
                _layer?.ClientUp(input.Target);
                break;
            case NodeInputKind.ClientFrame:
                _layer?.ClientFrame(input.Target, input.Bytes);
                break;
            case NodeInputKind.ClientDown:
                _layer?.ClientDown(input.Target);
                break;
            default:
                Invariant.Require(false);
                break;
        }
    }

    private void ForceBootstrap(ulong token, ForceBootstrap force)
    {
        if (!_log.TryDo(force))
        {
            Complete(token, CommandResult.Refused, "this node still waits for the state of the others: force one that has it");
            return;
        }

        foreach (var peer in _peers.ToArray())
            _context.Effects.Disconnect(peer, $"this node went on alone, as cluster {Cluster}: who belongs to another must not be heard any more");
        Complete(token);
    }

    private void Complete(ulong token, CommandResult result = CommandResult.Done, string? why = null)
    {
        if (token != 0)
            _context.Effects.Completed(token, new CommandOutcome { Result = result, Reason = why });
    }
}
