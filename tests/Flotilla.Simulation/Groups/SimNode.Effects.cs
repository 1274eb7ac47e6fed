using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Layer;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>What the node asks of its host.</summary>
internal sealed partial class SimNode : INodeEffects
{
    public ByteQueue? Output(NodeId peer)
    {
        foreach (var known in _peers)
        {
            if (known.Connection != 0 && known.Node == peer)
                return known.Output;
        }

        return null;
    }

    public void Disconnect(NodeId peer, string reason)
    {
        _world.Count("disconnected by the node");
        for (var other = 0; other < _peers.Length; other++)
        {
            if (_peers[other].Connection != 0 && _peers[other].Node == peer)
                _world.Break(Index, other, PeerLoss.Broken);
        }
    }

    public void Peers(ClusterView view)
    {
        for (var other = 0; other < _peers.Length; other++)
        {
            var isFounder = other < _world.Parameters.Founders;
            _peers[other].IsWanted = other != Index && (isFounder || view.Members.Any(member => member.Address == _world.Node(other).Address));
        }
    }

    public void Persist(in PersistRecord record)
    {
        Disk.Append(record);
        if (record.Kind == PersistRecordKind.Promise)
            PromisedEpoch = Math.Max(PromisedEpoch, record.Sequence);
        _world.Effect((ulong)record.Kind ^ (record.Sequence << 8));
    }

    public void LeaseExtended(Lease lease)
        => _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Lease, Epoch = lease.Epoch, UntilNs = Clock.World(lease.UntilNs) });

    public void PrimaryLost(ulong epoch)
    {
        _world.Count("primary lost");
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Lost, Epoch = epoch });
        Application.PrimaryLost();
    }

    public void ViewInstalled(ClusterView view)
    {
        NoteTables(view);
        View = view;
        IsAmnesiac = false;
        var id = view.Find(Self.Node)?.Id ?? Self;
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.View, Member = id, Epoch = view.Epoch, Sequence = view.StartSequence, Hash = DigestOf(view), View = view });
        _world.Installed(view);
    }

    // What was delivered of the view before is the same at all who go on.
    private void NoteTables(ClusterView next)
    {
        if (Machine!.Log.State.Consumer is not GroupLayer { IsReady: true } layer || layer.Tables.Sequence == 0)
            return;
        var writer = new LayerWriter();
        layer.Tables.Write(writer);
        var hash = Digest(writer.Written);
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Tables, Epoch = next.Epoch, Sequence = layer.Tables.Sequence, Hash = hash, Text = NodeWorld.TellsAll ? Convert.ToHexString(writer.Written) : null });
    }

    // A newcomer's log begins after its view's entry.
    private ulong DigestOf(ClusterView view)
    {
        var state = Machine!.Log.State;
        if (state.Log.Has(view.StartSequence))
            return Digest(EntryCodec.Body(state.Log.Entry(view.StartSequence)));
        var builder = new FrameBuilder();
        if (state.Current is { } current && current.Epoch == view.Epoch)
            ViewCodec.Write(builder, current);
        return Digest(builder.Body);
    }

    private static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        var hash = 1ul;
        foreach (var value in bytes)
            hash = (hash ^ value) * 1099511628211;
        return hash;
    }

    public void Evicted(MemberId id, string why)
    {
        _world.Count("evicted");
        _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = Index, Kind = TraceKind.Evicted, Member = id, Text = why });
        Application.Evicted();
    }

    public void Deliver(in GroupDelivery delivery) => Application.Deliver(delivery);

    public void Completed(ulong token, in CommandOutcome outcome) => Application.Completed(token, outcome);

    public ByteQueue? ClientOutput(uint client) => _world.ClientOutput(client);

    public void Stopped() => _stopsAfterStep = true;

    public void Report(in NodeEvent happened) => _world.Told(this, happened);
}
