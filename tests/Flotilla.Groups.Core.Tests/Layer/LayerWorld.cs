using Flotilla.Groups.Core.Layer;
using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Tests.Layer;

/// <summary>
/// Several group layers on one log that exists once: every entry is in order and never lost, so that what is tested is the layer. Frames between
/// nodes pass through <see cref="Passes"/>. Nothing happens by itself: a test runs it.
/// </summary>
internal sealed class LayerWorld
{
    private static readonly ClusterId Cluster = new(1, 2);

    private readonly Queue<(NodeId From, NodeId To, byte[] Body)> _frames = new();

    public List<LayerNode> Nodes { get; } = [];

    public List<WorldEntry> Log { get; } = [];

    public ulong Epoch { get; private set; }

    public long NowNs { get; private set; } = 1_000_000_000;

    /// <summary>Whether a frame arrives; all do unless a test says otherwise.</summary>
    public Func<NodeId, NodeId, byte[], bool> Passes { get; set; } = (_, _, _) => true;

    public Func<NodeOptions, NodeOptions> Configure { get; init; } = options => options;

    /// <summary>A cluster of new nodes.</summary>
    public LayerWorld With(int nodes)
    {
        for (var i = 0; i < nodes; i++)
            Create().HasState = true;
        InstallView();
        Run();
        return this;
    }

    public LayerNode Create()
    {
        var id = new NodeId((ulong)Nodes.Count + 1);
        var options = Configure(new NodeOptions { Name = "n" + id.Value, Address = "a" + id.Value, RandomSeed = id.Value });
        var node = new LayerNode(this, id, options);
        Nodes.Add(node);
        return node;
    }

    /// <summary>A new node in a new view; it fetches the shared tables.</summary>
    public LayerNode Join()
    {
        var node = Create();
        Welcome(node);
        return node;
    }

    /// <summary>A node comes (back) into the cluster without the shared state.</summary>
    public void Welcome(LayerNode node)
    {
        InstallView();
        node.DeliveredTo = (ulong)Log.Count;
        node.View = Log[^1].View;
        node.Layer.OnView(node.View!, null);
        node.Layer.OnStateNeeded(node.View!);
    }

    /// <summary>A node is gone; the others see a view without it.</summary>
    public void Kill(LayerNode node)
    {
        node.IsDead = true;
        InstallView();
    }

    /// <summary>A node is dropped from the view, and told so; it is out until <see cref="Return"/>.</summary>
    public void Evict(LayerNode node)
    {
        node.IsDead = true;
        InstallView();
        node.NewIncarnation(node.Self.Incarnation + 1);
        node.Layer.OnEvicted("the others did not hear it");
    }

    public void Return(LayerNode node)
    {
        node.IsDead = false;
        Welcome(node);
    }

    /// <summary>A killed node begins again, as a newcomer, and its disk has a checkpoint and a log to where it died; to another end, perhaps.</summary>
    public LayerNode ComeBack(LayerNode old, IEnumerable<WorldEntry>? end = null)
    {
        var node = new LayerNode(this, old.Self.Node, old.Context.Options);
        node.NewIncarnation(old.Self.Incarnation + 1);
        node.Disk.AddRange(old.Disk);
        Nodes[Nodes.IndexOf(old)] = node;
        Replay(node, old, [.. Log.Take((int)old.DeliveredTo), .. end ?? []]);
        node.Layer.OnSetAside();
        Welcome(node);
        return node;
    }

    /// <summary>All nodes lose everything but their disks, and come back: each with its own checkpoint and the log after it.</summary>
    public LayerWorld Restart(Func<LayerNode, bool>? keepsDisk = null)
    {
        var world = new LayerWorld { Epoch = Epoch, NowNs = NowNs };
        foreach (var old in Nodes)
        {
            var node = world.Create();
            node.NewIncarnation(old.Self.Incarnation + 1);
            if (keepsDisk?.Invoke(old) == false)
                continue;
            node.HasState = true;
            world.Replay(node, old, Log);
        }

        world.Log.AddRange(Log);
        world.InstallView(isRecovery: true);
        foreach (var wiped in world.Nodes.Where(node => !node.HasState))
        {
            wiped.DeliveredTo = (ulong)world.Log.Count;
            wiped.View = world.Log[^1].View;
            wiped.Layer.OnView(wiped.View!, null);
            wiped.Layer.OnStateNeeded(wiped.View!);
        }

        world.Run();
        return world;
    }

    private void Replay(LayerNode node, LayerNode old, List<WorldEntry> log)
    {
        node.Context.NowNs = NowNs;
        var last = old.Disk.LastOrDefault(piece => piece.IsLast).Sequence;
        foreach (var (sequence, piece, isLast) in old.Disk.Where(piece => piece.Sequence == last))
            node.Layer.OnRecoveredState(sequence, piece, isLast);
        node.DeliveredTo = last;
        while (node.DeliveredTo < (ulong)log.Count)
            Deliver(node, log[(int)node.DeliveredTo], ++node.DeliveredTo, isReplay: true);
    }

    public void Append(WorldEntry entry) => Log.Add(entry);

    public void InstallView(bool isRecovery = false)
    {
        Epoch++;
        var members = Nodes.Where(node => !node.IsDead)
            .Select(node => new ClusterMember(node.Self, "n" + node.Self.Node.Value, "a" + node.Self.Node.Value, MemberRole.Voter, 1));
        var view = new ClusterView
        {
            Cluster = Cluster,
            Epoch = Epoch,
            Members = [.. members],
            Sequencer = Nodes.First(node => !node.IsDead).Self.Node,
            StartSequence = (ulong)Log.Count + 1,
            IsRecovery = isRecovery,
        };
        Append(new WorldEntry(Delivery.Ordered, [], default, 0, view, Epoch));
    }

    /// <summary>Delivers everything that can be, until nothing is left to do.</summary>
    public void Run()
    {
        for (var isIdle = false; !isIdle;)
        {
            isIdle = true;
            foreach (var node in Nodes)
            {
                if (node.IsDead)
                    continue;
                while (node is { HasState: true, IsStalled: false } && node.DeliveredTo < (ulong)Log.Count)
                {
                    isIdle = false;
                    node.Context.NowNs = NowNs;
                    Deliver(node, Log[(int)node.DeliveredTo], ++node.DeliveredTo, isReplay: false);
                }

                node.RunApplication();
                foreach (var (to, body) in node.TakeFrames())
                    _frames.Enqueue((node.Self.Node, to, body));
            }

            while (_frames.TryDequeue(out var frame))
            {
                isIdle = false;
                var target = Nodes.Find(node => node.Self.Node == frame.To);
                if (target is not { IsDead: false } || !Passes(frame.From, frame.To, frame.Body))
                    continue;
                target.Context.NowNs = NowNs;
                target.Layer.OnDirect(frame.From, frame.Body);
            }
        }
    }

    /// <summary>As <see cref="Run"/>, while time goes on.</summary>
    public void RunFor(int milliseconds)
    {
        Run();
        for (var end = NowNs + (milliseconds * 1_000_000L); NowNs < end;)
        {
            NowNs += 10_000_000;
            foreach (var node in Nodes.Where(node => !node.IsDead))
            {
                node.Context.NowNs = NowNs;
                node.Layer.OnTick();
            }

            Run();
        }
    }

    /// <summary>All nodes that have the state agree on it to the last bit.</summary>
    public void CheckTables()
    {
        var prints = Nodes.Where(node => node is { IsDead: false, HasState: true, IsStalled: false })
            .Select(node => node.Layer.Tables.Fingerprint(new LayerWriter()))
            .Distinct();
        Assert.Single(prints);
    }

    private void Deliver(LayerNode node, WorldEntry entry, ulong sequence, bool isReplay)
    {
        if (entry.View is { } view)
        {
            var before = node.View;
            node.View = view;
            node.Layer.OnView(view, before);
            return;
        }

        ((ILogConsumer)node.Layer).OnMessage(new LogEntry
        {
            Epoch = entry.Epoch,
            Sequence = sequence,
            Kind = LogEntryKind.Message,
            Delivery = entry.Delivery,
            Sender = entry.Sender,
            Number = entry.Number,
            Body = entry.Body,
            IsReplay = isReplay,
        });
    }
}
