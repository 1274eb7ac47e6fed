using System.Buffers.Binary;
using System.Collections.Immutable;
using Flotilla.Groups.Core;
using Flotilla.Primitives;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>A node that has gone through some inputs: its machine, its disk, and what its application saw.</summary>
internal sealed class ExploredNode : INodeEffects
{
    private const string GroupName = "g";

    private readonly ExploredCluster _cluster;
    private readonly int _index;
    private readonly List<StoredRecord> _records = [];
    private readonly ByteQueue?[] _outputs = new ByteQueue?[ExploredCluster.Nodes];
    private NodeMachine? _machine;
    private long _nowNs = ExploredCluster.TickNs * 1000;
    private int _written;
    private ulong _ticket;
    private ulong _starts;
    private uint _group;
    private string? _evicted;

    public ExploredNode(ExploredCluster cluster, int index)
    {
        _cluster = cluster;
        _index = index;
    }

    public bool IsRunning => _machine is not null;

    public MemberId Self => _machine?.Self ?? default;

    public int Unwritten => _records.Count - _written;

    /// <summary>The last is the life at work.</summary>
    public ImmutableArray<Life> Lives { get; private set; } = [];

    /// <summary>What the last input made it send.</summary>
    public List<(int To, int Frame)> Sent { get; } = [];

    public bool IsMember => Lives is [.., { View: not null }] && _group != 0;

    public UInt128 Digest()
    {
        var digest = new StateDigest();
        digest.Visit(_machine);
        foreach (var record in _records)
        {
            digest.Add((ulong)record.Kind);
            digest.Add(record.Sequence);
            digest.Add(record.Body);
        }

        digest.Add((uint)_written);
        digest.Add((ulong)_nowNs);
        digest.Add(_starts);
        for (var peer = 0; peer < _outputs.Length; peer++)
            digest.Add(_outputs[peer] is null ? 0u : 1u);
        digest.Visit(Lives);
        return digest.Value;
    }

    public void Apply(in LocalInput input)
    {
        Sent.Clear();
        switch (input.Kind)
        {
            case LocalInputKind.Start:
                Start();
                break;
            case LocalInputKind.Frame:
                Step(NodeInput.Frame(_nowNs, _cluster.NodeIds[input.Peer], _cluster.Frame(input.Argument)));
                break;
            case LocalInputKind.Tick:
                _nowNs += input.Argument * ExploredCluster.TickNs;
                if (_machine is not null)
                    Step(NodeInput.Tick(_nowNs));
                break;
            case LocalInputKind.Persisted:
                Persisted();
                break;
            case LocalInputKind.PeerUp:
                _outputs[input.Peer] = new ByteQueue();
                Step(NodeInput.PeerUp(_nowNs, _cluster.Hello(input.Peer, (uint)input.Argument)));
                break;
            case LocalInputKind.PeerDown:
                _outputs[input.Peer] = null;
                Step(NodeInput.PeerDown(_nowNs, _cluster.NodeIds[input.Peer], PeerLoss.ProcessGone));
                break;
            case LocalInputKind.Join:
                Step(NodeInput.Do(_nowNs, 1, new JoinGroup(GroupName)));
                break;
            case LocalInputKind.Send:
                Step(NodeInput.Send(_nowNs, _group, _cluster.Options.Sends[input.Argument].Delivery, 0, [(byte)input.Argument]));
                break;
            case LocalInputKind.Crash:
                Crash(input.Argument);
                break;
        }

        if (_machine is not null)
            Gather();
    }

    ByteQueue? INodeEffects.Output(NodeId peer)
    {
        var index = Array.IndexOf(_cluster.NodeIds, peer);
        return index < 0 ? null : _outputs[index];
    }

    void INodeEffects.Disconnect(NodeId peer, string reason) => throw new InvariantViolationException($"disconnects {peer}: {reason}");

    void INodeEffects.Peers(ClusterView view)
    {
    }

    void INodeEffects.Persist(in PersistRecord record)
    {
        _ticket++;
        _records.Add(new StoredRecord(record.Kind, record.Sequence, record.Body.ToArray(), _ticket, 0));
    }

    void INodeEffects.LeaseExtended(Lease lease) => Change(life => life with { LeaseEpoch = lease.Epoch });

    void INodeEffects.PrimaryLost(ulong epoch) => Change(life => life with { LeaseEpoch = 0 });

    void INodeEffects.ViewInstalled(ClusterView view)
        => Change(life => life with { Id = view.Find(_machine!.Self.Node)?.Id ?? life.Id, Views = life.Views.Add(view) });

    void INodeEffects.Evicted(MemberId id, string why)
    {
        Change(life => life with { IsOver = true, LeaseEpoch = 0 });
        Lives = Lives.Add(new Life(default(MemberId)));
        _evicted = why;
    }

    void INodeEffects.Deliver(in GroupDelivery delivery)
    {
        if (delivery.Kind != GroupDeliveryKind.Message)
            return;
        var message = new Delivered(delivery.Epoch, delivery.Sequence, delivery.Body[0], delivery.Delivery);
        Change(life => life with { Messages = life.Messages.Add(message) });
    }

    void INodeEffects.Completed(ulong token, in CommandOutcome outcome)
    {
        if (outcome.Result == CommandResult.Partial)
            _group = (uint)outcome.Number;
    }

    ByteQueue? INodeEffects.ClientOutput(uint client) => null;

    void INodeEffects.Stopped()
    {
    }

    void INodeEffects.Report(in NodeEvent happened)
    {
    }

    private void Step(in NodeInput input) => _machine!.Step(input, this);

    private void Change(Func<Life, Life> change) => Lives = Lives.SetItem(Lives.Length - 1, change(Lives[^1]));

    private void Start()
    {
        _starts++;
        _machine = new NodeMachine(_cluster.OptionsOf(_index, _starts));
        Lives = Lives.Add(new Life(default(MemberId)));
        _ticket = 0;
        foreach (var record in _records.ToArray())
            Step(NodeInput.Replayed(_nowNs, new PersistRecord(record.Kind, record.Sequence, record.Body)));
        Step(NodeInput.Start(_nowNs, isSameBoot: true));
    }

    private void Persisted()
    {
        Merge();
        _written = _records.Count;
        var ticket = _ticket;
        Step(NodeInput.Written(_nowNs, ticket));
        Step(NodeInput.Flushed(_nowNs, ticket));
    }

    /// <summary>Entries that lie together are read back together: however they came, the disk holds the same.</summary>
    private void Merge()
    {
        for (var i = _records.Count - 1; i > 0; i--)
        {
            var (before, after) = (_records[i - 1], _records[i]);
            if (before.Kind != PersistRecordKind.Entry || after.Kind != PersistRecordKind.Entry)
                continue;
            _records[i - 1] = after with { Body = [.. before.Body, .. after.Body] };
            _records.RemoveAt(i);
        }
    }

    private void Crash(int kept)
    {
        _records.RemoveRange(_written + kept, _records.Count - _written - kept);
        Merge();
        _written = _records.Count;
        _ticket = 0;
        _machine = null;
        _group = 0;
        Array.Clear(_outputs);
        Change(life => life with { IsOver = true, LeaseEpoch = 0 });
    }

    private void Gather()
    {
        _machine!.Flush(_nowNs, this);
        for (var peer = 0; peer < _outputs.Length; peer++)
        {
            if (_outputs[peer] is not { IsEmpty: false } output)
                continue;
            var bytes = output.ToArray().AsSpan();
            output.Clear();
            while (!bytes.IsEmpty)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
                Sent.Add((peer, _cluster.Number(bytes.Slice(4, length))));
                bytes = bytes[(4 + length)..];
            }
        }
    }
}
