using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>One machine of a <see cref="MemoryNet"/>, its disk, and what it told.</summary>
internal sealed class MemoryNode : INodeEffects
{
    private readonly MemoryNet _net;
    private readonly Dictionary<NodeId, ByteQueue> _outputs = [];
    private ulong _ticket;
    private ulong _writtenTicket;
    private ulong _flushedTicket;
    private long _flushedNs;
    private ulong _flushingTicket;
    private long _flushEndsNs;

    public MemoryNode(MemoryNet net, string name, NodeOptions options)
    {
        _net = net;
        Name = name;
        Options = options;
    }

    public string Name { get; }

    public NodeOptions Options { get; set; }

    public NodeMachine? Machine { get; private set; }

    public RecordingConsumer Consumer { get; private set; } = null!;

    /// <summary>What a restart reads back, and how much of it was flushed.</summary>
    public List<(PersistRecordKind Kind, ulong Sequence, byte[] Body)> Records { get; } = [];

    public int FlushedRecords { get; private set; }

    public List<ClusterView> Installed { get; } = [];

    public List<string> Events { get; } = [];

    public Lease Lease { get; private set; }

    public List<ulong> PrimaryLostEpochs { get; } = [];

    public List<TieBreak> Ties { get; } = [];

    public bool IsStopped { get; private set; }

    public bool IsDiskStalled { get; set; }

    /// <summary>A flush takes so long; 0 for one tick or a few.</summary>
    public int FlushMs { get; set; }

    /// <summary>Each flush takes so long, up to twice; 0 when <see cref="FlushMs"/> says.</summary>
    public int FlushTakesMs { get; set; }

    /// <summary>It is sent frames that make no sense, and may end connections for them.</summary>
    public bool HearsNonsense { get; set; }

    public MemberId Self => Machine?.Self ?? default;

    public bool IsUp => Machine is not null;

    public IEnumerable<NodeId> Peers => _outputs.Keys;

    public void Start(bool isSameBoot = true)
    {
        _ticket = _writtenTicket = _flushedTicket = _flushingTicket = 0;
        _outputs.Clear();
        Breaking.Clear();
        Lease = default;
        IsStopped = false;
        Options = Options with { RandomSeed = _net.Random.NextUInt64() | 1 };
        Machine = new NodeMachine(Options, (context, log) => Consumer = new RecordingConsumer(context, log, _net.ConsumerOf));
        if (!isSameBoot)
            Records.RemoveRange(FlushedRecords, Records.Count - FlushedRecords);
        foreach (var (kind, sequence, body) in Records.ToArray())
            Machine.Step(NodeInput.Replayed(_net.NowNs, new PersistRecord(kind, sequence, body)), this);
        FlushedRecords = Records.Count;
        _recordsAtStart = Records.Count;
        Machine.Step(NodeInput.Start(_net.NowNs, isSameBoot), this);
        Machine.Flush(_net.NowNs, this);
    }

    private int _recordsAtStart;

    public void Kill()
    {
        Machine = null;
        _outputs.Clear();
    }

    /// <summary>Gives up what its records say may go.</summary>
    public void Forget()
    {
        var to = Records.Where(record => record.Kind == PersistRecordKind.Prune).Select(record => record.Sequence).DefaultIfEmpty().Max();
        FlushedRecords -= Records.RemoveAll(record => record.Kind == PersistRecordKind.Entry && record.Sequence <= to);
    }

    public void Wipe()
    {
        Records.Clear();
        FlushedRecords = 0;
    }

    public void Connect(MemoryNode other)
    {
        _outputs[other.Self.Node] = new ByteQueue();
        var hello = new PeerHello { Id = other.Self, Name = other.Name, Address = other.Options.Address, Cluster = other.Machine!.Cluster };
        Machine!.Step(NodeInput.PeerUp(_net.NowNs, hello), this);
    }

    public void Disconnect(NodeId other, PeerLoss loss)
    {
        if (_outputs.Remove(other))
            Machine?.Step(NodeInput.PeerDown(_net.NowNs, other, loss), this);
    }

    /// <summary>Peers this node broke with; the network ends the connections.</summary>
    public List<NodeId> Breaking { get; } = [];

    public bool IsConnectedTo(NodeId node) => _outputs.ContainsKey(node);

    public void Take(NodeId from, byte[] frame)
    {
        if (Machine is null || !_outputs.ContainsKey(from) || Breaking.Contains(from))
            return;
        Machine.Step(NodeInput.Frame(_net.NowNs, from, frame), this);
        if (_net.Random.OneIn(2))
            Machine.Flush(_net.NowNs, this);
    }

    public void Tick()
    {
        if (Machine is null)
            return;
        if (!IsDiskStalled)
            FinishDisk();
        Machine.Step(NodeInput.Tick(_net.NowNs), this);
        Machine.Flush(_net.NowNs, this);
    }

    public void Submit(Delivery delivery, string text)
    {
        Consumer.Log.Submit(delivery, System.Text.Encoding.ASCII.GetBytes(text));
        Machine!.Flush(_net.NowNs, this);
    }

    public void Do(GroupCommand command) => Machine!.Step(NodeInput.Do(_net.NowNs, 0, command), this);

    public void Stop()
    {
        Machine!.Step(NodeInput.Stop(_net.NowNs), this);
        Machine!.Flush(_net.NowNs, this);
    }

    public void FailDisk()
    {
        IsDiskStalled = true;
        Machine!.Step(NodeInput.PersistFailed(_net.NowNs, _flushedTicket + 1, "no space left"), this);
    }

    /// <summary>Frames that were written, one by one.</summary>
    public IEnumerable<(NodeId To, byte[] Frame)> TakeFrames()
    {
        foreach (var (to, queue) in _outputs)
        {
            var bytes = queue.ToArray();
            queue.Clear();
            if (Breaking.Contains(to))
                continue;
            for (var at = 0; at < bytes.Length;)
            {
                var length = (int)BitConverter.ToUInt32(bytes, at);
                yield return (to, bytes[(at + 4)..(at + 4 + length)]);
                at += 4 + length;
            }
        }
    }

    public ByteQueue? Output(NodeId peer) => _outputs.GetValueOrDefault(peer);

    public void Disconnect(NodeId peer, string reason)
    {
        if (!HearsNonsense && !reason.Contains("cluster", StringComparison.Ordinal))
            Assert.Fail($"{Name} disconnects {peer}: {reason}");
        if (_outputs.ContainsKey(peer))
            Breaking.Add(peer);
    }

    void INodeEffects.Peers(ClusterView view)
    {
    }

    public void Persist(in PersistRecord record)
    {
        Records.Add((record.Kind, record.Sequence, record.Body.ToArray()));
        _ticket++;
    }

    public void LeaseExtended(Lease lease) => Lease = lease;

    public void PrimaryLost(ulong epoch)
    {
        Assert.Equal(Lease.Epoch, epoch);
        PrimaryLostEpochs.Add(epoch);
        Lease = default;
    }

    public void ViewInstalled(ClusterView view) => Installed.Add(view);

    public void Evicted(MemberId id, string why)
    {
    }

    public void Deliver(in GroupDelivery delivery)
    {
    }

    public void Completed(ulong token, in CommandOutcome outcome)
    {
    }

    public ByteQueue? ClientOutput(uint client) => null;

    public void Stopped() => IsStopped = true;

    public void TieBreakNeeded(TieBreak tie) => Ties.Add(tie);

    public void Report(in NodeEvent happened) => Events.Add($"{_net.NowNs / 1_000_000} {happened.Kind} {happened.Number} {happened.Text}");

    private void FinishDisk()
    {
        if (_writtenTicket < _ticket)
        {
            _writtenTicket = _ticket;
            Machine!.Step(NodeInput.Written(_net.NowNs, _writtenTicket), this);
        }

        if (FlushTakesMs > 0)
        {
            FinishSlowFlush();
        }
        else if (_flushedTicket < _writtenTicket && (FlushMs == 0 ? _net.Random.OneIn(2) : _net.NowNs - _flushedNs >= FlushMs * 1_000_000L))
        {
            _flushedNs = _net.NowNs;
            _flushedTicket = _writtenTicket;
            FlushedRecords = _recordsAtStart + (int)_flushedTicket;
            Machine!.Step(NodeInput.Flushed(_net.NowNs, _flushedTicket), this);
        }
    }

    private void FinishSlowFlush()
    {
        if (_flushingTicket <= _flushedTicket && _flushedTicket < _writtenTicket)
            (_flushingTicket, _flushEndsNs) = (_writtenTicket, _net.NowNs + ((FlushTakesMs + _net.Random.Next(FlushTakesMs)) * 1_000_000L));
        if (_flushingTicket <= _flushedTicket || _net.NowNs < _flushEndsNs)
            return;
        _flushedTicket = _flushingTicket;
        FlushedRecords = _recordsAtStart + (int)_flushedTicket;
        Machine!.Step(NodeInput.Flushed(_net.NowNs, _flushedTicket), this);
    }
}
