using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// Questions asked here. Who is addressed is who is in the group where the query is delivered; each of them ends in exactly one of reply, null,
/// abort, timeout, or in null when it leaves.
/// </summary>
internal sealed class Queries(GroupLayer layer)
{
    /// <summary>A program that asks without waiting for answers is told so, rather than left to fill the memory.</summary>
    private const int MaxPending = 100_000;

    private readonly List<PendingQuery> _pending = [];
    private ulong _lastId;

    public int Count => _pending.Count;

    public void Ask(ulong token, QueryGroup query)
    {
        if (layer.Locals.Find(query.Group) is not { Shared: { } shared, IsLeaving: false })
            layer.Refuse(token, "this node is no member of the group now: join it, or wait for its view");
        else if (Submit(shared, query.Delivery, query.Replies, query.TimeoutNs, query.Body.Span, token, 0, 0) is { } reason)
            layer.Refuse(token, reason);
    }

    /// <summary>Null when the query is on its way; otherwise why it is refused.</summary>
    public string? Submit(SharedGroup group, Delivery delivery, int replies, long timeoutNs, ReadOnlySpan<byte> body, ulong token, uint client, ulong clientNumber)
    {
        if (delivery == Delivery.Raw)
            return "a query has a place in the order: not raw";
        if (replies < QueryGroup.Majority || timeoutNs <= 0)
            return "a query wants all, a majority or so many replies, within a time";
        if (body.Length > layer.Context.Options.MaxMessageBytes)
            return $"the query has {body.Length} bytes, the limit is {layer.Context.Options.MaxMessageBytes}";
        if (_pending.Count >= MaxPending)
            return $"{MaxPending} queries wait for their replies already";
        var query = new PendingQuery
        {
            Id = ++_lastId,
            Token = token,
            Client = client,
            ClientNumber = clientNumber,
            Wanted = replies,
            DeadlineNs = timeoutNs > long.MaxValue - layer.Context.NowNs ? long.MaxValue : layer.Context.NowNs + timeoutNs,
        };
        _pending.Add(query);
        var entry = new LayerEntry { Kind = LayerEntryKind.Query, Group = group.Number, Id = query.Id, Payload = body };
        if (layer.Submits.TrySubmit(delivery, entry, default))
            return null;
        _pending.Remove(query);
        return "too much waits to be sent already: ask again when earlier messages are through";
    }

    /// <summary>A query, anybody's, is delivered.</summary>
    public void Delivered(in LogEntry entry, in LayerEntry read)
    {
        var id = read.Id;
        var own = entry.Sender == layer.Log.Self ? _pending.Find(query => query.Id == id) : null;
        if (Entries.WhyNot(layer, read.Group) is { } reason)
        {
            if (own is not null)
                End(own, CommandResult.Refused, reason);
            return;
        }

        var group = layer.Tables.Find(read.Group)!;
        group.Change(entry);
        layer.Checkpoints.Note(group, entry, read.Payload, GroupDeliveryKind.Query);
        if (own is not null)
            Address(own, group);
        if (layer.Locals.FindShared(group.Number) is { } local)
            local.OfferMessage(layer, GroupDeliveryKind.Query, entry, read.Payload, layer.Replies.Open(entry.Sender, id));
        if (own is not null)
            CheckEnd(own);
    }

    private void Address(PendingQuery query, SharedGroup group)
    {
        query.Group = group.Number;
        query.Missing.AddRange(group.Seats.Select(seat => seat.Id));
        query.Needed = query.Wanted switch
        {
            QueryGroup.All => query.Missing.Count,
            QueryGroup.Majority => query.Missing.Count / 2 + 1,
            _ => query.Wanted,
        };
        foreach (var early in query.Early)
            Outcome(query, early.From, early.Result, early.Body);
        query.Early.Clear();
    }

    public void TakeReply(NodeId from, in DirectFrame frame)
    {
        // Acknowledged whatever becomes of it, or it comes for ever.
        layer.SendDirect(from, new DirectFrame { Kind = DirectFrameKind.ReplyTaken, Incarnation = frame.Incarnation, Id = frame.Id });
        if (frame.Incarnation == layer.Log.Self.Incarnation && layer.IsReady)
            TakeReply(from, frame.Id, frame.Result, frame.Payload);
    }

    /// <summary>An answer, this node's own too.</summary>
    public void TakeReply(NodeId from, ulong id, CommandResult result, ReadOnlySpan<byte> body)
    {
        if (_pending.Find(query => query.Id == id) is not { } query)
            return;
        if (query.Group != 0)
        {
            var member = query.Missing.Find(member => member.Node == from);
            if (!member.Node.IsNone)
                Outcome(query, member, result, body);
            CheckEnd(query);
        }
        else if (layer.Log.View?.Find(from) is { } member && !query.Early.Exists(early => early.From == member.Id))
        {
            query.Early.Add(new EarlyReply(member.Id, result, body.ToArray()));
        }
    }

    /// <summary>A member left a group: it answers nothing any more.</summary>
    public void Departed(SharedGroup group, MemberId member)
    {
        if (Planted.Is(PlantedBug.ForgetDepartedReplies))
            return;
        PendingQuery[] concerned = [.. _pending.Where(query => query.Group == group.Number && query.Missing.Contains(member))];
        foreach (var query in concerned)
        {
            Outcome(query, member, CommandResult.NullReply, default);
            CheckEnd(query);
        }
    }

    private void Outcome(PendingQuery query, MemberId from, CommandResult result, ReadOnlySpan<byte> body)
    {
        if (!query.Missing.Remove(from))
            return;
        if (result == CommandResult.Partial)
            query.Replied++;
        if (query.Client != 0)
        {
            layer.Clients.Answered(query, from, result, body);
            return;
        }

        layer.Complete(query.Token, new CommandOutcome
        {
            Result = result,
            From = from,
            Reason = result == CommandResult.Aborted ? Encoding.UTF8.GetString(body) : null,
            Body = result == CommandResult.Partial ? body : default,
        });
    }

    private void CheckEnd(PendingQuery query)
    {
        if (query.Missing.Count == 0 || query.Replied >= query.Needed)
            End(query, CommandResult.Done, null);
    }

    private void End(PendingQuery query, CommandResult result, string? reason)
    {
        if (!_pending.Remove(query))
            return;
        if (query.Client != 0)
            layer.Clients.QueryEnded(query, result, reason);
        else
            layer.Complete(query.Token, new CommandOutcome { Result = result, Number = (ulong)query.Replied, Reason = reason });
    }

    public void Tick()
    {
        if (!_pending.Exists(query => query.DeadlineNs <= layer.Context.NowNs))
            return;
        PendingQuery[] late = [.. _pending.Where(query => query.DeadlineNs <= layer.Context.NowNs)];
        foreach (var query in late)
        {
            MemberId[] missing = [.. query.Missing];
            foreach (var member in missing)
                Outcome(query, member, CommandResult.TimedOut, default);
            Invariant.Require(query.Missing.Count == 0);
            End(query, CommandResult.TimedOut, "not all answered in time");
        }
    }

    public void EndAll(string why)
    {
        PendingQuery[] all = [.. _pending];
        foreach (var query in all)
            End(query, CommandResult.Indeterminate, why);
    }
}
