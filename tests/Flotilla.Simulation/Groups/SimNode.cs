using System.Buffers.Binary;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>One host of a simulated cluster: a disk, a clock, and most of the time a process with a node and an application in it.</summary>
internal sealed partial class SimNode
{
    private readonly NodeWorld _world;
    private readonly SeededRandom _random;
    private readonly List<WorldEvent> _backlog = [];
    private readonly SimPeer[] _peers;
    private bool _isSameBoot = true;
    private bool _stopsAfterStep;

    public SimNode(NodeWorld world, int index, SeededRandom random, Func<NodeWorld, SimNode, SeededRandom, INodeApplication> application)
    {
        _world = world;
        Index = index;
        _random = random;
        Disk = new NodeDisk(new SeededRandom(random.NextUInt64() | 1));
        _peers = new SimPeer[world.Parameters.Nodes];
        for (var i = 0; i < _peers.Length; i++)
            _peers[i] = new SimPeer();
        Application = application(world, this, new SeededRandom(random.NextUInt64() | 1));
        Clock.Begin(0, (long)(random.NextUInt64() % 1_000_000_000_000));
        Clock.SetRate(0, world.Parameters.ClockPpm == 0 ? 0 : random.Next(-world.Parameters.ClockPpm, world.Parameters.ClockPpm + 1));
    }

    public int Index { get; }

    public NodeDisk Disk { get; }

    public SimClock Clock { get; } = new();

    public INodeApplication Application { get; }

    public NodeMachine? Machine { get; private set; }

    /// <summary>Counts the processes this host had; things due for an older one are dropped.</summary>
    public int Life { get; private set; }

    public bool IsRunning => Machine is not null;

    public bool IsPaused { get; private set; }

    public bool IsStopping { get; private set; }

    /// <summary>Inputs come so much late.</summary>
    public long SlowNs { get; set; }

    public ClusterView? View { get; private set; }

    /// <summary>The greatest epoch of a view accepted here.</summary>
    public ulong AcceptedEpoch { get; private set; }

    /// <summary>The greatest epoch promised here: a proposer may count on this node for it.</summary>
    public ulong PromisedEpoch { get; private set; }

    public MemberId Self => Machine?.Self ?? default;

    /// <summary>Lost its power and was in no view since: what it acknowledged may be lost.</summary>
    public bool IsAmnesiac { get; private set; }

    /// <summary>How far the log of the last process reached: what it said it had, it had then.</summary>
    public ulong HeldBefore { get; private set; }

    /// <summary>The node on this disk, as of its last process.</summary>
    public NodeId LastNode { get; private set; }

    public string Address => "h" + Index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private long LocalNs => Clock.Local(_world.Queue.NowNs);

    public SimPeer Peer(int other) => _peers[other];

    public void Start()
    {
        if (IsRunning)
            return;
        if (Disk.IsRotten)
        {
            _world.Count("refused to start on a rotten disk");
            return;
        }

        Life++;
        var parameters = _world.Parameters;
        var machine = new NodeMachine(new NodeOptions
        {
            Name = "n" + Address,
            Address = Address,
            Founders = Index < parameters.Founders ? [.. Enumerable.Range(0, parameters.Founders).Select(founder => _world.Node(founder).Address)] : [],
            RandomSeed = _random.NextUInt64() | 1,
            TickNs = parameters.TickNs,
            HeartbeatNs = parameters.HeartbeatNs,
            SuspectNs = parameters.SuspectNs,
            LeaseNs = parameters.LeaseNs,
            MaxVoters = parameters.MaxVoters,
            Weight = parameters.Weights[Index],
            CheckpointEveryBytes = 64 << 10,
            MaxMessageBytes = 1 << 20,
            MaxLagBytes = 1 << 20,
            MaxUnsequencedBytes = 1 << 20,
        });
        Machine = machine;
        View = null;
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Start, Text = _isSameBoot ? "kill" : "power" });
        for (var founder = 0; founder < parameters.Founders; founder++)
            _peers[founder].IsWanted = founder != Index;
        foreach (var record in Disk.Records.ToArray())
            Step(NodeInput.Replayed(LocalNs, new PersistRecord(record.Kind, record.Sequence, record.Body)));
        Step(NodeInput.Start(LocalNs, _isSameBoot));
        LastNode = Self.Node;
        // What is read back is flushed before anything else happens.
        foreach (var record in Disk.Records.ToArray())
            Kept(record, isReplay: true);
        _isSameBoot = true;
        Application.Started();
        Settle();
        Later(WorldEventKind.Tick, _random.Next((int)parameters.TickNs));
        Later(WorldEventKind.Work, _random.Next((int)parameters.WorkNs));
    }

    /// <summary>The process ends at this instant: by "kill", "power" or "stop".</summary>
    public void End(string how)
    {
        if (!IsRunning)
            return;
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Crash, Text = how });
        LastNode = Self.Node;
        HeldBefore = Math.Max(HeldBefore, Machine?.Log.State.Log.Head ?? 0);
        (Machine, IsPaused, IsStopping, SlowNs, View) = (null, false, false, 0, null);
        _backlog.Clear();
        Application.Ended();
        if (how == "power")
        {
            Disk.LosePower();
            IsAmnesiac = true;
            _isSameBoot = false;
            Clock.Begin(_world.Queue.NowNs, (long)(_random.NextUInt64() % 1_000_000_000_000));
        }
        else
        {
            Disk.Kill();
        }

        Life++;
        foreach (var peer in _peers)
            (peer.Connection, peer.IsWanted) = (0, false);
        foreach (var peer in _peers)
            peer.Output.Clear();
    }

    public void Wipe()
    {
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Wipe });
        Disk.Wipe();
        LastNode = default;
        (AcceptedEpoch, PromisedEpoch) = (0, 0);
    }

    public void Stop()
    {
        if (!IsRunning || IsPaused)
            return;
        IsStopping = true;
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Leaving, Member = Self });
        Step(NodeInput.Stop(LocalNs));
        Settle();
    }

    public void Pause()
    {
        if (!IsRunning || IsPaused)
            return;
        IsPaused = true;
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Pause });
    }

    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Resume });
        var missed = _backlog.ToArray();
        _backlog.Clear();
        foreach (var due in missed)
            Take(due);
    }

    public PeerHello Hello() => new()
    {
        Id = Self,
        Name = "n" + Address,
        Address = Address,
        Cluster = View?.Cluster ?? default,
        WireVersion = WireVersion,
    };

    /// <summary>A connection to another host opened.</summary>
    public void Connected(int other, long connection, PeerHello hello)
    {
        var peer = _peers[other];
        if (peer.Connection != 0)
            Disconnected(other, PeerLoss.Broken);
        if (!IsRunning)
            return;
        (peer.Connection, peer.Node) = (connection, hello.Id.Node);
        Step(NodeInput.PeerUp(LocalNs, hello));
        Settle();
    }

    /// <summary>It is gone.</summary>
    public void Disconnected(int other, PeerLoss loss)
    {
        var peer = _peers[other];
        if (peer.Connection == 0 || !IsRunning)
            return;
        peer.Connection = 0;
        peer.Output.Clear();
        _world.Count("down:" + loss);
        Step(NodeInput.PeerDown(LocalNs, peer.Node, loss));
        Settle();
    }

    /// <summary>Something due for this host. Things for an older process are dropped; a process that stands still gets them later.</summary>
    public void Take(in WorldEvent due)
    {
        if (IsPaused)
        {
            _backlog.Add(due);
            return;
        }

        if (!IsRunning)
            return;
        switch (due.Kind)
        {
            case WorldEventKind.Arrive:
                Arrived(due.Other, due.Number, (byte[])due.Payload!);
                break;
            case WorldEventKind.Down when _peers[due.Other].Connection == due.Number:
                Disconnected(due.Other, (PeerLoss)due.Payload!);
                break;
            case WorldEventKind.Down:
                break;
            default:
                if (due.Other == Life)
                    TakeOwn(due);
                break;
        }
    }

    /// <summary>Puts a command in the queue of the step at work, or of the next one.</summary>
    public void Later(WorldEventKind kind, long afterNs, object? payload = null, long number = 0)
        => _world.Queue.After(afterNs, new WorldEvent(kind, Index, Life, number, payload));

    public void Do(ulong token, GroupCommand command) => Step(NodeInput.Do(LocalNs, token, command));

    public void ClientUp(uint client)
    {
        Step(NodeInput.ClientUp(LocalNs, client));
        Settle();
    }

    public void Send(uint group, Delivery delivery, ulong token, ReadOnlySpan<byte> body) => Step(NodeInput.Send(LocalNs, group, delivery, token, body));

    /// <summary>After a batch of steps: what the application wants to do, what goes to the wire and to the disk.</summary>
    public void Settle()
    {
        if (Machine is null)
            return;
        Application.RunQueued();
        if (Machine is null || _world.IsOver)
            return;
        Guard(static node => node.Machine!.Flush(node.LocalNs, node));
        Application.RunQueued();
        for (var other = 0; other < _peers.Length; other++)
        {
            var peer = _peers[other];
            if (peer.Output.IsEmpty)
                continue;
            var bytes = peer.Output.ToArray();
            peer.Output.Clear();
            _world.Effect(bytes);
            _world.Network.Send(Index, other, peer.Connection, bytes);
        }

        _world.SettleClients();
        StartDisk();
        if (_stopsAfterStep)
        {
            _stopsAfterStep = false;
            _world.Stopped(this);
        }
    }

    private void TakeOwn(in WorldEvent due)
    {
        switch (due.Kind)
        {
            case WorldEventKind.Tick:
                Step(NodeInput.Tick(LocalNs));
                Settle();
                Later(WorldEventKind.Tick, (_world.Parameters.TickNs * 3 / 4) + SlowNs + _random.Next((int)(_world.Parameters.TickNs / 4)));
                break;
            case WorldEventKind.Work:
                Application.Work();
                Settle();
                Later(WorldEventKind.Work, (_world.Parameters.WorkNs / 2) + _random.Next((int)_world.Parameters.WorkNs));
                break;
            case WorldEventKind.ClientFrame:
                Step(NodeInput.ClientFrame(LocalNs, (uint)due.Number, (byte[])due.Payload!));
                Settle();
                break;
            case WorldEventKind.ClientLeft:
                Step(NodeInput.ClientDown(LocalNs, (uint)due.Number));
                Settle();
                break;
            case WorldEventKind.Later:
                Application.Perform(due.Payload!);
                Settle();
                break;
            case WorldEventKind.Written or WorldEventKind.Flushed or WorldEventKind.DiskRetry:
                DiskEnded(due);
                Settle();
                break;
        }
    }

    private void Arrived(int from, long connection, byte[] bytes)
    {
        var peer = _peers[from];
        for (var at = 0; at < bytes.Length && peer.Connection == connection && IsRunning && !_world.IsOver;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            Step(NodeInput.Frame(LocalNs, peer.Node, bytes.AsSpan(at + 4, length)));
            at += 4 + length;
        }

        Settle();
    }

    private void StartDisk()
    {
        var now = _world.Queue.NowNs;
        var stall = Math.Max(0, Disk.StalledUntilNs - now);
        if (!Disk.IsWriting && Disk.WrittenTo < Disk.Tickets)
        {
            Disk.IsWriting = true;
            Later(WorldEventKind.Written, stall + _world.Parameters.WriteNs + _random.Next((int)_world.Parameters.WriteNs), number: (long)Disk.Tickets);
        }

        if (!Disk.IsFlushing && Disk.FlushedTo < Disk.WrittenTo)
        {
            Disk.IsFlushing = true;
            Disk.IsLazy = Disk.UrgentTo <= Disk.FlushedTo;
            var wait = Disk.IsLazy ? _world.Parameters.LazyFlushNs : 0;
            Later(WorldEventKind.Flushed, stall + wait + _world.Parameters.FlushNs + _random.Next((int)_world.Parameters.FlushNs), number: (long)Disk.WrittenTo);
        }
        else if (Disk.IsFlushing && Disk.IsLazy && Disk.UrgentTo > Disk.FlushedTo && Disk.WrittenTo > Disk.FlushedTo)
        {
            // Somebody waits now: do not wait for the lazy one.
            Disk.IsLazy = false;
            Later(WorldEventKind.Flushed, stall + _world.Parameters.FlushNs + _random.Next((int)_world.Parameters.FlushNs), number: (long)Disk.WrittenTo);
        }
    }

    private void DiskEnded(in WorldEvent due)
    {
        var now = _world.Queue.NowNs;
        if (Disk.Failure is { } reason)
        {
            if (!Disk.FailureWasTold)
            {
                Disk.FailureWasTold = true;
                Step(NodeInput.PersistFailed(LocalNs, Disk.FlushedTo + 1, reason));
            }

            return;
        }

        if (Disk.StalledUntilNs > now)
        {
            Later(due.Kind, Disk.StalledUntilNs - now + 1, due.Payload, due.Number);
            return;
        }

        var ticket = (ulong)due.Number;
        if (due.Kind == WorldEventKind.Written)
        {
            Disk.IsWriting = false;
            Disk.Written(ticket);
            Step(NodeInput.Written(LocalNs, ticket));
            return;
        }

        Disk.IsFlushing = false;
        if (ticket <= Disk.FlushedTo)
            return;
        Disk.Flushed(ticket, record => Kept(record, isReplay: false));
        Step(NodeInput.Flushed(LocalNs, ticket));
    }

    private void Kept(StoredRecord record, bool isReplay)
    {
        var reader = new FrameReader(record.Body);
        switch (record.Kind)
        {
            case PersistRecordKind.Promise:
                _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Promised, Member = Self, Ballot = reader.Ballot(), IsReplay = isReplay });
                break;
            case PersistRecordKind.Accepted:
                AcceptedEpoch = Math.Max(AcceptedEpoch, record.Sequence);
                var ballot = reader.Ballot();
                var hash = Digest(reader.Rest);
                _world.Note(new TraceEvent
                {
                    AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Accepted, Member = Self, Ballot = ballot, Hash = hash, IsReplay = isReplay, View = ViewCodec.Read(ref reader)!.View,
                });
                break;
        }
    }

    private void Step(in NodeInput input)
    {
        if (Machine is null || _world.IsOver)
            return;
        try
        {
            Machine.Step(input, this);
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            _world.Defect(this, thrown);
        }
    }

    private void Guard(Action<SimNode> action)
    {
        try
        {
            action(this);
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            _world.Defect(this, thrown);
        }
    }
}
