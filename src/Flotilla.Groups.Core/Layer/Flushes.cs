namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// A flush is an entry behind everything its sender sent. Who delivers it says so to the sender at once, and again when asked, so that frames may be lost.
/// </summary>
internal sealed class Flushes(GroupLayer layer)
{
    private readonly List<PendingFlush> _pending = [];
    private readonly Dictionary<MemberId, ulong> _delivered = [];
    private ulong _lastId;

    public void Begin(ulong token, FlushGroup flush)
    {
        if (layer.Locals.Find(flush.Group) is not { Shared: { } shared, IsLeaving: false })
        {
            layer.Refuse(token, "this node is no member of the group now: join it, or wait for its view");
        }
        else if (flush.Members < 0)
        {
            layer.Refuse(token, "a flush is to a number of members, or to all (0)");
        }
        else
        {
            var pending = new PendingFlush(++_lastId, token, shared.Number, flush.Members);
            _pending.Add(pending);
            layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.Flush, Group = shared.Number, Id = pending.Id });
        }
    }

    /// <summary>A flush, anybody's, is delivered.</summary>
    public void Delivered(in LogEntry entry, in LayerEntry read)
    {
        if (entry.Sender != layer.Log.Self)
        {
            if (layer.Tables.IsInView(entry.Sender) && !entry.IsReplay)
                Tell(entry.Sender.Node);
            return;
        }

        var id = read.Id;
        if (_pending.Find(flush => flush.Id == id) is not { } pending)
            return;
        pending.Sequence = entry.Sequence;
        pending.AskAtNs = layer.Context.NowNs + LayerLimits.RetryNs;
        CheckAll();
    }

    public void Asked(NodeId from, ulong sequence)
    {
        if (layer.IsReady && layer.Tables.Sequence >= sequence)
            Tell(from);
    }

    private void Tell(NodeId node) => layer.SendDirect(node, new DirectFrame
    {
        Kind = DirectFrameKind.Delivered,
        Incarnation = layer.Log.Self.Incarnation,
        Sequence = layer.Tables.Sequence,
    });

    public void Delivered(NodeId from, in DirectFrame frame)
    {
        // It may come before this node delivered its own flush, so it is kept.
        var member = new MemberId(from, frame.Incarnation);
        if (!layer.Tables.IsInView(member))
            return;
        _delivered[member] = Math.Max(_delivered.GetValueOrDefault(member), frame.Sequence);
        CheckAll();
    }

    public void OnView()
    {
        MemberId[] gone = [.. _delivered.Keys.Where(member => !layer.Tables.IsInView(member))];
        foreach (var member in gone)
            _delivered.Remove(member);
        CheckAll();
    }

    private bool Has(PendingFlush flush, MemberId member)
        => member == layer.Log.Self || _delivered.GetValueOrDefault(member) >= flush.Sequence;

    public void CheckAll()
    {
        for (var i = _pending.Count - 1; i >= 0; i--)
        {
            var flush = _pending[i];
            if (flush.Sequence != 0 && Check(flush))
                _pending.RemoveAt(i);
        }
    }

    private bool Check(PendingFlush flush)
    {
        if (layer.Tables.Find(flush.Group) is not { } group)
        {
            layer.Refuse(flush.Token, "the group is gone");
            return true;
        }

        if (group.Seats.Count < flush.Members)
        {
            layer.Refuse(flush.Token, $"the group has {group.Seats.Count} members, not {flush.Members}");
            return true;
        }

        var have = group.Seats.Count(seat => Has(flush, seat.Id));
        if (have < (flush.Members == 0 ? group.Seats.Count : flush.Members))
            return false;
        layer.Complete(flush.Token, new CommandOutcome { Result = CommandResult.Done, Number = flush.Sequence });
        return true;
    }

    public void Tick()
    {
        foreach (var flush in _pending)
        {
            if (flush.Sequence == 0 || flush.AskAtNs > layer.Context.NowNs || layer.Tables.Find(flush.Group) is not { } group)
                continue;
            flush.AskAtNs = layer.Context.NowNs + LayerLimits.RetryNs;
            foreach (var seat in group.Seats)
            {
                if (!Has(flush, seat.Id))
                    layer.SendDirect(seat.Id.Node, new DirectFrame { Kind = DirectFrameKind.AskDelivered, Sequence = flush.Sequence });
            }
        }
    }

    public void EndAll(string why)
    {
        PendingFlush[] all = [.. _pending];
        _pending.Clear();
        _delivered.Clear();
        foreach (var flush in all)
            layer.Complete(flush.Token, new CommandOutcome { Result = CommandResult.Indeterminate, Reason = why });
    }
}
