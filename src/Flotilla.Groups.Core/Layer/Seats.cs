using System.Collections.Immutable;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// Who is in which group and who has its state. A state has a lineage: it is begun once, handed on from who has it, and when nobody has it any more
/// begun anew under another lineage - or, for persistent groups, waited for until a node comes that has it on disk.
/// </summary>
internal sealed class Seats(GroupLayer layer)
{
    private SharedTables Tables => layer.Tables;

    public void Join(in LogEntry entry, List<JoinItem> items)
    {
        foreach (var item in items)
        {
            var group = Tables.GetOrAdd(item.Name, item.State == GroupStateKind.Persistent);
            if (!Tables.IsInView(entry.Sender) || group.Find(entry.Sender) is not null)
                continue;
            var seat = new GroupSeat(entry.Sender, item.State);
            var start = Begin(group, seat, item, entry);
            group.Seats.Add(seat);
            group.NoteHolders();
            Changed(group, [entry.Sender], []);
            layer.Checkpoints.NoteJoin(group, entry, start);
            if (entry.Sender == layer.Log.Self)
                layer.Locals.Joined(group, start);
        }
    }

    private static SeatStart Begin(SharedGroup group, GroupSeat seat, in JoinItem item, in LogEntry entry)
    {
        if (seat.State == GroupStateKind.None)
            return SeatStart.Stateless;
        if (!group.HasGiver)
        {
            if (group.Lineage != 0 && item.Lineage == group.Lineage && item.RecoveredTo >= group.LastSequence)
            {
                seat.IsReady = true;
                return SeatStart.Restored;
            }

            if (!group.HasStateSeats && (!group.IsPersistent || group.Lineage == 0))
            {
                seat.IsReady = true;
                group.Begin(entry);
                return SeatStart.Created;
            }
        }

        return SeatStart.Waits;
    }

    public void Leave(in LogEntry entry, uint[] numbers)
    {
        foreach (var number in numbers)
        {
            if (Tables.Find(number) is not { } group || group.Find(entry.Sender) is not { } seat)
                continue;
            Leave(group, seat);
            if (entry.Sender == layer.Log.Self)
                layer.Locals.HasLeft(group);
        }
    }

    /// <summary>A member's application does not keep up. It leaves, if nothing is lost with it; two that want to at once can't both.</summary>
    public void StepBack(in LogEntry entry, uint number)
    {
        if (Tables.Find(number) is not { } group || group.Find(entry.Sender) is not { } seat || !group.CanSpare(seat))
            return;
        Leave(group, seat);
        if (entry.Sender == layer.Log.Self)
            layer.Locals.SteppedBack(group);
    }

    private void Leave(SharedGroup group, GroupSeat seat)
    {
        group.Seats.Remove(seat);
        layer.Checkpoints.NoteLeave(group, seat.Id.Node, isForGood: true);
        AfterDeparture(group, [seat.Id]);
    }

    /// <summary>A cluster view was installed: its groups follow, in the order of their numbers.</summary>
    public void DropDeparted()
    {
        List<LockGrant> grants = [];
        Tables.Locks.Keep(Tables.IsInView, Tables.Epoch, grants);
        List<SharedGroup> groups = [.. Tables.Groups];
        foreach (var group in groups)
        {
            ImmutableArray<MemberId> left = [.. group.Seats.Where(seat => !Tables.IsInView(seat.Id)).Select(seat => seat.Id)];
            if (left.IsEmpty)
                continue;
            group.Seats.RemoveAll(seat => left.Contains(seat.Id));
            foreach (var member in left)
                layer.Checkpoints.NoteLeave(group, member.Node, isForGood: false);
            AfterDeparture(group, left);
        }

        layer.Locks.Granted(grants);
    }

    private void AfterDeparture(SharedGroup group, ImmutableArray<MemberId> left)
    {
        group.NoteHolders();
        Changed(group, [], left);
        foreach (var member in left)
            layer.Queries.Departed(group, member);
        if (group.Seats.Count == 0 && !group.IsPersistent)
            Tables.Remove(group);
    }

    private void Changed(SharedGroup group, ImmutableArray<MemberId> joined, ImmutableArray<MemberId> left)
    {
        group.ViewNumber++;
        var local = layer.Locals.FindShared(group.Number);
        var isWatched = layer.Clients.IsWatched(group.Name);
        if (local is null && !isWatched && !joined.Contains(layer.Log.Self))
            return;
        var view = Tables.ViewOf(group, joined, left);
        local?.OfferView(layer, view);
        if (isWatched)
            layer.Clients.ViewChanged(view);
        layer.Flushes.CheckAll();
    }

    /// <summary>A member took the last piece of the state.</summary>
    public void Ready(in LogEntry entry, uint number, ulong lineage)
    {
        if (Tables.Find(number) is not { } group || group.Find(entry.Sender) is not { IsReady: false } seat)
            return;
        var isOfThisLineage = lineage == group.Lineage;
        if (isOfThisLineage)
        {
            seat.IsReady = true;
            group.NoteHolders();
        }

        if (entry.Sender == layer.Log.Self)
            layer.Locals.ReadyTaken(group, isOfThisLineage);
    }

    /// <summary>A member found nobody who has the state. Unless somebody proved it wrong meanwhile, it begins the state anew.</summary>
    public void Claim(in LogEntry entry, uint number)
    {
        if (Tables.Find(number) is { HasGiver: false, IsPersistent: false } group && group.Find(entry.Sender) is { State: not GroupStateKind.None } seat)
            Create(group, seat, entry);
    }

    /// <summary>A person gave up a persistent state that does not come back.</summary>
    public void Discard(in LogEntry entry, uint number)
    {
        if (Tables.Find(number) is { HasGiver: false, IsPersistent: true } group && group.Seats.Find(seat => seat.State != GroupStateKind.None) is { } seat)
            Create(group, seat, entry);
    }

    private void Create(SharedGroup group, GroupSeat seat, in LogEntry entry)
    {
        Invariant.Require(!group.HasGiver);
        group.Begin(entry);
        seat.IsReady = true;
        group.NoteHolders();
        layer.Checkpoints.NoteCreate(group, entry, seat.Id.Node);
        if (layer.Locals.FindShared(group.Number) is { } local)
            layer.Locals.BegunAnew(local, group, isHere: seat.Id == layer.Log.Self);
    }
}
