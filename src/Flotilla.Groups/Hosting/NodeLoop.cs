using System.Net;
using System.Security.Cryptography;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Storage;
using Flotilla.Groups.Transport;
using Flotilla.Primitives;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups.Hosting;

/// <summary>
/// A node's thread. Per wake-up: takes all frames and commands that came, steps the machine with each, writes what it wants persisted, and lets the
/// socket loop send once to each peer that was written to.
/// </summary>
internal sealed class NodeLoop : ISocketHandler, INodeEffects, ITransportSink
{
    /// <summary>How long connections may take to say goodbye.</summary>
    private const long EndWithinNs = 2_000_000_000;

    /// <summary>How long the first flush may take.</summary>
    private const long IdentityWithinNs = 60_000_000_000;

    /// <summary>Room for what is around the longest message in a frame.</summary>
    private const int FrameOverheadBytes = 64 << 10;

    private static readonly object s_wake = new();
    private static readonly object s_progress = new();
    private static readonly object s_start = new();
    private static readonly object s_stop = new();

    private readonly NodeRuntimeOptions _options;
    private readonly INodeObserver _observer;
    private readonly ILogger _logger;
    private readonly CommandQueue _commands = new();
    private readonly PublishedLease _lease = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _logFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ulong _instance = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private readonly NodeTransport _transport;
    private readonly StatusDesk _statusDesk;
    private readonly Func<ClusterStatus> _status;
    private readonly long _tickNs;
    private readonly SocketLoop _sockets;
    private NodeMachine? _machine;
    private INodeStore? _store;
    private NodeOptions _nodeOptions;
    private ClusterView? _view;
    private ulong _writtenTicket;
    private ulong _flushedTicket;
    private ulong _persistTicket;
    private long _nowNs;
    private long _nextTickNs;
    private long _endNs;
    private bool _hasFailedDisk;
    private bool _isLeaving;

    public NodeLoop(NodeRuntimeOptions options, INodeObserver observer)
    {
        _options = options;
        _observer = observer;
        _logger = options.Logger;
        _nodeOptions = options.Node;
        _tickNs = options.Node.TickNs;
        _transport = new NodeTransport(options.Transport, options.Node.MaxMessageBytes + FrameOverheadBytes, options.Discovery, this, options.Logger);
        _statusDesk = new StatusDesk(_transport);
        _status = () => StatusDesk.StatusOf(_nodeOptions.Name, Self, _view, _lease.Lease.IsValidAt(_nowNs));
        _sockets = SocketLoop.Start(this, new SocketLoopOptions
        {
            Name = "node " + options.Node.Name,
            Kind = options.LoopKind,
            // Both sides of a connection may have much to say: neither must stop listening until the other did.
            OutputPauseBytes = long.MaxValue / 4,
            OutputLimitBytes = long.MaxValue / 4,
            OutputTotalLimitBytes = long.MaxValue / 4,
            CloseTimeout = TimeSpan.FromSeconds(1),
        });
    }

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);

    public string Address => _nodeOptions.Address;

    public MemberId Self { get; private set; }

    public ClusterView? View => Volatile.Read(ref _view);

    public Lease Lease => _lease.Lease;

    public Task Completion => _ended.Task;

    /// <summary>Ends when the log on disk failed, with why.</summary>
    public Task<string> LogFailed => _logFailed.Task;

    /// <summary>Loads the log and begins; faults with what is in the way.</summary>
    public Task StartAsync()
    {
        _sockets.Post(s_start);
        return _started.Task;
    }

    public bool Add(uint group, Delivery delivery, ulong token, GroupCommand? command, ReadOnlySpan<byte> body)
    {
        if (!_commands.Add(group, delivery, token, command, body, out var isFirst))
            return false;
        if (isFirst)
            _sockets.Post(s_wake);
        return true;
    }

    public void Leave() => _sockets.Post(s_stop);

    public void EndNow() => _sockets.Stop();

    public void OnBatch(SocketLoop loop, ReadOnlySpan<SocketEvent> events)
    {
        _nowNs = NodeClock.NowNs;
        foreach (ref readonly var happened in events)
        {
            if (happened.Kind == SocketEventKind.Posted)
                OnPosted(happened.State!);
            else
                _transport.OnEvent(loop, happened, _nowNs);
        }

        if (_machine is null)
            return;
        TakeCommands();
        if (_nowNs >= _nextTickNs)
        {
            _nextTickNs = _nowNs + _tickNs;
            Step(NodeInput.Tick(_nowNs));
        }

        _transport.Check(loop, _nowNs);
        Persist();
        _statusDesk.Tell(_status, _nowNs);
        if (_endNs != 0 && (_transport.ConnectionCount == 0 || _nowNs >= _endNs))
            loop.Stop();
    }

    public void OnSent(SocketLoop loop) => _observer.OnBatchEnd();

    public int MillisecondsToSleep(SocketLoop loop)
    {
        if (_machine is null)
            return -1;
        return (int)Math.Clamp((_nextTickNs - NodeClock.NowNs + 999_999) / 1_000_000, 0, 1000);
    }

    public void OnStopped(SocketLoop loop, Exception? failure)
    {
        _lease.Lease = default;
        var wasStarted = _machine is not null;
        _machine = null;
        try
        {
            _store?.Dispose();
        }
        catch (IOException problem)
        {
            failure ??= problem;
        }

        if (!wasStarted)
        {
            _started.TrySetException(failure ?? new OperationCanceledException("the node was stopped before it had started"));
            _ended.TrySetResult();
            return;
        }

        if (failure is null)
            Log.NodeStopped(_logger, _nodeOptions.Name);
        else
            Log.NodeFailed(_logger, _nodeOptions.Name, failure);
        try
        {
            _observer.OnStopped(failure);
        }
        finally
        {
            if (failure is null)
                _ended.TrySetResult();
            else
                _ended.TrySetException(failure);
        }
    }

    private void Step(in NodeInput input) => _machine!.Step(input, this);

    private void OnPosted(object message)
    {
        if (message == s_start)
            Start();
        else if (message == s_stop && _machine is not null)
        {
            _isLeaving = true;
            Step(NodeInput.Stop(_nowNs));
        }
        else if (message != s_wake && message != s_progress)
            Invariant.Require(_transport.OnPosted(_sockets, message, _nowNs));
    }

    private void Start()
    {
        try
        {
            var listener = _sockets.Listen(new SocketListenerOptions
            {
                EndPoint = _options.Listen,
                Tls = _options.Transport.Tls?.LoadServer(),
                HandshakeTimeout = _options.Transport.HandshakeTimeout,
                MaxHandshakes = _options.Transport.MaxHandshakes,
            });
            EndPoint = (IPEndPoint)listener.EndPoint;
            _nodeOptions = Complete(_options.Node, EndPoint);
            var machine = new NodeMachine(_nodeOptions);
            if (_options.DataDirectory is { } path)
            {
                var log = NodeLog.Open(path, _options.Storage, (in record) => machine.Step(NodeInput.Replayed(_nowNs, record), this), () => _sockets.Post(s_progress));
                _store = log;
                foreach (var report in log.Reports)
                    Log.LogCut(_logger, report);
            }
            else
            {
                _store = new MemoryStore();
            }

            _nowNs = NodeClock.NowNs;
            _machine = machine;
            Step(NodeInput.Start(_nowNs, _store.IsSameBoot));
            AwaitIdentity(machine);
            Log.NodeStarted(_logger, _nodeOptions.Name, Self.ToString(), _nodeOptions.Address);
            _transport.Start(_sockets, _nowNs);
            _started.TrySetResult();
        }
        catch (Exception problem) when (problem is not InvariantViolationException)
        {
            // Told to whoever starts the node; the thread ends.
            _machine = null;
            _started.TrySetException(problem);
            _sockets.Stop();
        }
    }

    /// <summary>Nobody may hear of this life of the node before it is on disk. Nothing else is there to do meanwhile.</summary>
    private void AwaitIdentity(NodeMachine machine)
    {
        var untilNs = _nowNs + IdentityWithinNs;
        Persist();
        while (machine.Self.Incarnation == 0)
        {
            if (_store!.Failure is { } failure)
                throw new StorageException($"{_options.DataDirectory}: {failure}");
            if (_nowNs > untilNs)
                throw new StorageException($"{_options.DataDirectory}: the disk did not flush a few bytes in {IdentityWithinNs / 1_000_000_000} s");
            Thread.Sleep(1);
            _nowNs = NodeClock.NowNs;
            Persist();
        }
    }

    private static NodeOptions Complete(NodeOptions options, IPEndPoint bound)
    {
        if (options.Address.Length == 0)
        {
            if (bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any))
                throw new ArgumentException($"the node listens on {bound}: say under which address others reach it", nameof(options));
            options = options with { Address = bound.ToString() };
        }

        // An empty founder is this node, whose port may not have been known before.
        options = options with { Founders = [.. options.Founders.Select(founder => founder.Length == 0 ? options.Address : founder).Distinct(StringComparer.Ordinal)] };

        return options.RandomSeed != 0
            ? options
            : options with { RandomSeed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1 };
    }

    private void TakeCommands()
    {
        var batch = _commands.Take();
        foreach (ref readonly var item in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch.Items))
        {
            if (item.Command is { } command)
                Step(NodeInput.Do(_nowNs, item.Token, command));
            else
                Step(NodeInput.Send(_nowNs, item.Group, item.Delivery, item.Token, batch.BodyOf(item)));
        }
    }

    /// <summary>Closes the batch's frames, writes its records and tells the machine, until it wants nothing more.</summary>
    private void Persist()
    {
        var store = _store!;
        while (true)
        {
            _machine!.Flush(_nowNs, this);
            var written = store.Write(_nowNs);
            var flushed = store.FlushedTicket;
            if (!_hasFailedDisk && store.Failure is { } failure)
            {
                _hasFailedDisk = true;
                Log.LogFailed(_logger, failure);
                _logFailed.TrySetResult(failure);
                Step(NodeInput.PersistFailed(_nowNs, Math.Max(written, flushed) + 1, failure));
            }

            if (written == _writtenTicket && flushed == _flushedTicket)
                break;
            if (written != _writtenTicket)
                Step(NodeInput.Written(_nowNs, _writtenTicket = written));
            if (flushed != _flushedTicket)
                Step(NodeInput.Flushed(_nowNs, _flushedTicket = flushed));
        }

        Self = _machine!.Self;
    }

    ByteQueue? INodeEffects.Output(NodeId peer) => _transport.Output(peer, _nowNs);

    void INodeEffects.Disconnect(NodeId peer, string reason) => _transport.Disconnect(peer, reason);

    void INodeEffects.Peers(ClusterView view) => _transport.SetMembers(view);

    void INodeEffects.Persist(in PersistRecord record)
    {
        var ticket = _store!.Append(record);
        Invariant.Require(ticket == ++_persistTicket);
    }

    void INodeEffects.LeaseExtended(Lease lease)
    {
        if (lease.Epoch != _lease.Lease.Epoch)
            _statusDesk.Change();
        _lease.Lease = lease;
        _observer.OnLease(lease);
    }

    void INodeEffects.PrimaryLost(ulong epoch)
    {
        _lease.Lease = default;
        _statusDesk.Change();
        if (!_isLeaving)
            Log.PrimaryLost(_logger, epoch);
        _observer.OnPrimaryLost(epoch);
    }

    void INodeEffects.ViewInstalled(ClusterView view)
    {
        Volatile.Write(ref _view, view);
        _statusDesk.Change();
        if (_logger.IsEnabled(LogLevel.Information))
        {
            var members = string.Join(", ", view.Members.Select(member => $"{member.Name}{(member.Role == MemberRole.Voter ? "" : " (learner)")}"));
            Log.ViewInstalled(_logger, view.Epoch, members, view.Find(view.Sequencer)?.Name ?? view.Sequencer.ToString());
        }

        _observer.OnView(view);
    }

    void INodeEffects.Evicted(MemberId id, string why)
    {
        _lease.Lease = default;
        _statusDesk.Change();
        Log.Evicted(_logger, id.ToString(), why);
        _observer.OnEvicted(id, why);
    }

    void INodeEffects.Deliver(in GroupDelivery delivery) => _observer.OnDelivery(delivery);

    void INodeEffects.Completed(ulong token, in CommandOutcome outcome) => _observer.OnCompleted(token, outcome);

    ByteQueue? INodeEffects.ClientOutput(uint client) => _transport.ClientOutput(client, _nowNs);

    void INodeEffects.DisconnectClient(uint client, string reason) => _transport.DisconnectClient(client, reason);

    void INodeEffects.Stopped()
    {
        _endNs = _nowNs + EndWithinNs;
        _transport.BeginEnd();
    }

    void INodeEffects.TieBreakNeeded(TieBreak tie) => _observer.OnTieBreak(tie);

    void INodeEffects.Report(in NodeEvent happened)
    {
        // A bad frame ends its connection, and that is one line already.
        if (happened.Kind != NodeEventKind.BadFrame && _logger.IsEnabled(LogLevel.Information))
            Log.Happened(_logger, happened.Kind.ToString(), happened.Peer.IsNone ? "" : happened.Peer.ToString(), happened.Number, happened.Text ?? "");
        _observer.OnReport(happened);
    }

    Hello ITransportSink.LocalHello(byte[] nonce) => new()
    {
        WireVersion = FrameLimits.WireVersion,
        HasSecret = _options.Transport.Secret is not null,
        Cluster = _machine?.Cluster ?? default,
        Id = _machine?.Self ?? default,
        Instance = _instance,
        Nonce = nonce,
        Name = _nodeOptions.Name,
        Address = _nodeOptions.Address,
    };

    void ITransportSink.OnPeerUp(PeerHello hello) => Step(NodeInput.PeerUp(_nowNs, hello));

    void ITransportSink.OnPeerDown(NodeId peer, PeerLoss loss) => Step(NodeInput.PeerDown(_nowNs, peer, loss));

    void ITransportSink.OnPeerFrame(NodeId peer, ReadOnlySpan<byte> frame) => Step(NodeInput.Frame(_nowNs, peer, frame));

    void ITransportSink.OnClientUp(uint client) => Step(NodeInput.ClientUp(_nowNs, client));

    void ITransportSink.OnClientFrame(uint client, ReadOnlySpan<byte> frame)
    {
        if (!_statusDesk.TryTake(client, frame, _status, _nowNs))
            Step(NodeInput.ClientFrame(_nowNs, client, frame));
    }

    void ITransportSink.OnClientDown(uint client)
    {
        _statusDesk.OnClientDown(client);
        Step(NodeInput.ClientDown(_nowNs, client));
    }
}
