using System.Text;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Layer;
using Flotilla.Groups.Core.Links;
using Flotilla.Groups.Core.Log;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Layer;

/// <summary>
/// One node's group layer on the world's one log, and an application on it that keeps, per group, the list of what it was told: its state.
/// </summary>
internal sealed class LayerNode : IReplicatedLog, INodeEffects, ILinks
{
    private readonly LayerWorld _world;
    private readonly Dictionary<NodeId, ByteQueue> _outputs = [];
    private readonly Queue<Action> _applicationWork = new();
    private readonly Dictionary<uint, ByteQueue> _clients = [];
    private ulong _lastToken;

    public LayerNode(LayerWorld world, NodeId id, NodeOptions options)
    {
        _world = world;
        Self = new MemberId(id, 1);
        Context = new NodeContext(options) { Effects = this, Links = this, Self = Self };
        Layer = new GroupLayer(Context, this);
    }

    public NodeContext Context { get; }

    public GroupLayer Layer { get; }

    public MemberId Self { get; private set; }

    public ClusterView? View { get; set; }

    public bool IsMember => View?.Contains(Self) == true;

    public ulong DeliveredTo { get; set; }

    public bool HasRoom { get; set; } = true;

    public bool HasState { get; set; }

    public bool IsDead { get; set; }

    /// <summary>Takes nothing from the log for now.</summary>
    public bool IsStalled { get; set; }

    /// <summary>Its application makes and takes no checkpoints for now.</summary>
    public bool IsApplicationStalled { get; set; }

    public bool FailsCheckpoints { get; set; }

    public int PieceBytes { get; set; } = 8;

    public ulong LastNumber { get; private set; }

    public List<Seen> Seen { get; } = [];

    public List<Ended> Ended { get; } = [];

    public List<NodeEvent> Reports { get; } = [];

    /// <summary>What the application of each group knows.</summary>
    public Dictionary<uint, List<string>> State { get; } = [];

    private readonly Dictionary<uint, StringBuilder> _loading = [];

    public List<(ulong Sequence, byte[] Piece, bool IsLast)> Disk { get; } = [];

    public IEnumerable<Seen> Messages(uint group) => Seen.Where(seen => seen.Group == group && seen.Kind == GroupDeliveryKind.Message);

    public GroupView LastView(uint group) => Seen.Last(seen => seen.Group == group && seen.Kind == GroupDeliveryKind.View).View!;

    public string StateOf(uint group) => string.Join(',', State.GetValueOrDefault(group) ?? []);

    public Ended? End(ulong token) => Ended.LastOrDefault(ended => ended.Token == token && ended.From.Node.IsNone && ended.Result != CommandResult.Partial);

    public IReadOnlyList<Ended> Answers(ulong token) => [.. Ended.Where(ended => ended.Token == token && !ended.From.Node.IsNone)];

    public ulong Do(GroupCommand command)
    {
        Context.NowNs = _world.NowNs;
        Layer.Command(++_lastToken, command);
        return _lastToken;
    }

    public uint Join(string name, GroupStateKind state = GroupStateKind.None)
    {
        var token = Do(new JoinGroup(name, state));
        return (uint)Ended.First(ended => ended.Token == token && ended.Result == CommandResult.Partial).Number;
    }

    public DictionaryCopy Open(uint group)
    {
        var token = Do(new OpenDictionary(group));
        return End(token)!.Dictionary!;
    }

    public ulong Send(uint group, string text, Delivery delivery = Delivery.Ordered)
    {
        Context.NowNs = _world.NowNs;
        Layer.Send(group, delivery, ++_lastToken, Encoding.UTF8.GetBytes(text));
        return _lastToken;
    }

    public void NewIncarnation(uint incarnation)
    {
        Self = new MemberId(Self.Node, incarnation);
        Context.Self = Self;
        (LastNumber, HasState, View) = (0, false, null);
    }

    public void RunApplication()
    {
        while (!IsApplicationStalled && _applicationWork.TryDequeue(out var work))
            work();
    }

    public IEnumerable<(NodeId To, byte[] Body)> TakeFrames()
    {
        foreach (var (to, queue) in _outputs.OrderBy(each => each.Key).ToArray())
        {
            var bytes = queue.ToArray();
            queue.Clear();
            for (var at = 0; at < bytes.Length;)
            {
                var length = BitConverter.ToInt32(bytes, at);
                Assert.Equal((byte)FrameType.Direct, bytes[at + 4]);
                yield return (to, bytes[(at + 5)..(at + 4 + length)]);
                at += 4 + length;
            }
        }
    }

    public ByteQueue ConnectClient(uint client)
    {
        _clients[client] = new ByteQueue();
        Layer.ClientUp(client);
        return _clients[client];
    }

    public void DisconnectClient(uint client)
    {
        _clients.Remove(client);
        Layer.ClientDown(client);
    }

    // The log.

    public ulong Submit(Delivery delivery, ReadOnlySpan<byte> body)
    {
        _world.Append(new WorldEntry(delivery, body.ToArray(), Self, ++LastNumber, null, _world.Epoch));
        return LastNumber;
    }

    /// <summary>Its next checkpoint is not on disk yet.</summary>
    public bool AwaitsCheckpoint { get; set; }

    public bool IsLeaving { get; set; }

    public bool Holds(ulong sequence) => !IsStalled || sequence <= DeliveredTo;

    public void StateLoaded(ulong sequence)
    {
        (HasState, DeliveredTo) = (true, sequence);
        for (var at = 0; at < (int)sequence; at++)
            View = _world.Log[at].View ?? View;
    }

    public void PersistCheckpoint(ulong sequence, ReadOnlySpan<byte> piece, bool isLast) => Disk.Add((sequence, piece.ToArray(), isLast));

    // The runtime.

    public ByteQueue? Output(NodeId peer)
    {
        if (!_outputs.TryGetValue(peer, out var queue))
            _outputs.Add(peer, queue = new ByteQueue());
        return queue;
    }

    public void Deliver(in GroupDelivery delivery)
    {
        var seen = new Seen(delivery.Kind, delivery.Group, delivery.Sequence, Encoding.UTF8.GetString(delivery.Body))
        {
            Sender = delivery.Sender,
            View = delivery.View,
            Correlation = delivery.Correlation,
            IsLast = delivery.IsLast,
            IsReplay = delivery.IsReplay,
        };
        Seen.Add(seen);
        _applicationWork.Enqueue(() => Apply(seen));
    }

    private void Apply(Seen seen)
    {
        var state = State.TryGetValue(seen.Group, out var known) ? known : State[seen.Group] = [];
        switch (seen.Kind)
        {
            case GroupDeliveryKind.Message:
                state.Add(seen.Body);
                break;
            case GroupDeliveryKind.Reset or GroupDeliveryKind.Create:
                state.Clear();
                _loading.Remove(seen.Group);
                break;
            case GroupDeliveryKind.LoadCheckpoint:
                var text = _loading.TryGetValue(seen.Group, out var begun) ? begun : _loading[seen.Group] = new StringBuilder();
                text.Append(seen.Body);
                if (seen.IsLast)
                {
                    state.Clear();
                    state.AddRange(text.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries));
                    _loading.Remove(seen.Group);
                }

                Do(new CheckpointTaken(seen.Correlation));
                break;
            case GroupDeliveryKind.MakeCheckpoint when FailsCheckpoints:
                Do(new CheckpointFailed(seen.Correlation, "no"));
                break;
            case GroupDeliveryKind.MakeCheckpoint:
                var bytes = Encoding.UTF8.GetBytes(string.Join(',', state));
                for (var at = 0; at < bytes.Length; at += PieceBytes)
                    Do(new CheckpointPiece(seen.Correlation, bytes.AsMemory(at, Math.Min(PieceBytes, bytes.Length - at)), IsLast: false));
                Do(new CheckpointPiece(seen.Correlation, default, IsLast: true));
                break;
            default:
                break;
        }
    }

    public void Completed(ulong token, in CommandOutcome outcome) => Ended.Add(new Ended(token, outcome.Result, outcome.Number, Encoding.UTF8.GetString(outcome.Body))
    {
        From = outcome.From,
        Reason = outcome.Reason,
        Dictionary = outcome.Dictionary,
    });

    public ByteQueue? ClientOutput(uint client) => _clients.GetValueOrDefault(client);

    public void Report(in NodeEvent happened) => Reports.Add(happened);

    public void Disconnect(NodeId peer, string reason)
    {
    }

    public void Peers(ClusterView view)
    {
    }

    public void Persist(in PersistRecord record)
    {
    }

    public void LeaseExtended(Lease lease)
    {
    }

    public void PrimaryLost(ulong epoch)
    {
    }

    public void ViewInstalled(ClusterView view)
    {
    }

    public void Evicted(MemberId id, string why)
    {
    }

    public void Stopped()
    {
    }

    // The links.

    public bool IsReachable(NodeId node) => true;

    public NodeId NextHop(NodeId to) => to;

    public bool IsConfirmedGone(MemberId member) => false;

    public long LastHeardNs(NodeId node) => long.MinValue;

    public bool IsSuspected(MemberId member) => false;

    public StayingMembers? Verdict => null;

    public bool IsInDoubtOfItself => false;

    public IReadOnlyCollection<NodeId> Known => [];
}
