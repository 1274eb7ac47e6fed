using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>The groups of this node's application.</summary>
internal sealed class LocalGroups(GroupLayer layer)
{
    private readonly List<LocalGroup> _groups = [];
    private readonly Dictionary<uint, LocalGroup> _byShared = [];

    public LocalGroup? Find(uint number) => number >= 1 && number <= _groups.Count && _groups[(int)number - 1] is { Phase: not LocalPhase.Left } group ? group : null;

    /// <summary>By the group's shared number, while this node is a member.</summary>
    public LocalGroup? FindShared(uint shared) => _byShared.GetValueOrDefault(shared);

    /// <summary>Those that persist and have their state, by number.</summary>
    public IEnumerable<LocalGroup> Persistent => _groups.Where(group => group is { Phase: LocalPhase.Active, Shared.IsPersistent: true } && group.State != GroupStateKind.None);

    public void Join(ulong token, JoinGroup join)
    {
        if (WhyNot(join) is { } reason)
        {
            layer.Refuse(token, reason);
            return;
        }

        var first = (uint)_groups.Count + 1;
        var operation = new JoinOperation(token, first, join.Groups.Length);
        foreach (var wish in join.Groups)
            _groups.Add(new LocalGroup((uint)_groups.Count + 1, wish, operation));
        for (var i = 0; i < join.Groups.Length; i++)
            layer.Complete(token, new CommandOutcome { Result = CommandResult.Partial, Number = first + (uint)i });
        SubmitWanted();
    }

    private string? WhyNot(JoinGroup join)
    {
        if (join.Groups.IsDefaultOrEmpty || join.Groups.Length > LayerLimits.MaxGroupsAtOnce)
            return $"a join names 1 to {LayerLimits.MaxGroupsAtOnce} groups";
        foreach (var wish in join.Groups)
        {
            if (Encoding.UTF8.GetByteCount(wish.Name) is 0 or > LayerLimits.MaxNameBytes)
                return $"a group's name has 1 to {LayerLimits.MaxNameBytes} bytes: '{wish.Name}' does not";
            if (_groups.Exists(group => group.Phase != LocalPhase.Left && group.Name == wish.Name) || join.Groups.Count(other => other.Name == wish.Name) > 1)
                return $"this node joined '{wish.Name}' already";
        }

        return null;
    }

    /// <summary>Joins what is wanted, in one entry: after a command, and again when this node is back in the cluster.</summary>
    public void SubmitWanted()
    {
        if (!layer.IsReady)
            return;
        List<JoinItem> items = [];
        foreach (var group in _groups)
        {
            if (group.Phase != LocalPhase.Wanted || group.IsBehind || items.Count == LayerLimits.MaxGroupsAtOnce)
                continue;
            var (to, lineage) = layer.Checkpoints.RecoveredOf(group.Name);
            // What others are given from then on must be found by the next life too.
            if ((to != 0 && layer.Log.AwaitsCheckpoint) || layer.Checkpoints.IsKeeping(group.Name))
                continue;
            group.Phase = LocalPhase.Submitted;
            items.Add(new JoinItem(group.Name, group.State, to, lineage));
        }

        if (items.Count == 0)
            return;
        var writer = layer.Submits.RentWriter();
        GroupList.WriteJoin(writer, items);
        layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.Join, Payload = writer.Written });
        layer.Submits.ReturnWriter(writer);
    }

    /// <summary>The own join was delivered.</summary>
    public void Joined(SharedGroup shared, SeatStart start)
    {
        var group = _groups.Find(group => group.Phase == LocalPhase.Submitted && group.Name == shared.Name);
        if (group is null)
            return;
        group.Phase = LocalPhase.Waiting;
        group.Shared = shared;
        _byShared.Add(shared.Number, group);
        group.Dictionary.Replace(shared.Dictionary);
        group.BeginWithView(layer.Tables.ViewOf(shared, [layer.Log.Self], []));
        if (start == SeatStart.Waits)
            layer.Newcomer.Fetch(group, layer.Tables.Sequence);
        else
            Begin(group, start);
        if (group.IsLeaving)
            SubmitLeave(group);
    }

    private void Begin(LocalGroup group, SeatStart start)
    {
        if (start == SeatStart.Created)
            layer.Context.Effects.Deliver(new GroupDelivery { Kind = GroupDeliveryKind.Create, Group = group.Number, Sequence = layer.Tables.Sequence, Epoch = layer.Tables.Epoch });
        else if (start == SeatStart.Restored)
            layer.Checkpoints.Restore(group);
        group.Activate(layer, layer.Tables.Sequence);
        End(group);
        if (group.Shared is { IsPersistent: true } && group.State != GroupStateKind.None)
            layer.Checkpoints.Want();
    }

    /// <summary>The own <see cref="LayerEntryKind.Ready"/> was delivered.</summary>
    public void ReadyTaken(SharedGroup shared, bool isOfThisLineage)
    {
        if (FindShared(shared.Number) is not { } group)
            return;
        if (!isOfThisLineage)
        {
            Again(group, "its state was begun anew elsewhere");
            return;
        }

        End(group);
        if (shared.IsPersistent)
            layer.Checkpoints.Want();
    }

    /// <summary>A state was begun anew, here or at another member: what this one has is worthless, unless it did it.</summary>
    public void BegunAnew(LocalGroup group, SharedGroup shared, bool isHere)
    {
        Invariant.Require(group.Shared == shared);
        if (!isHere)
        {
            if (group.State != GroupStateKind.None)
                Again(group, "its state was begun anew elsewhere");
            return;
        }

        layer.Newcomer.Stop(group);
        if (group.Phase == LocalPhase.Waiting)
        {
            layer.Context.Effects.Deliver(new GroupDelivery { Kind = GroupDeliveryKind.Create, Group = group.Number, Sequence = layer.Tables.Sequence, Epoch = layer.Tables.Epoch });
            group.Activate(layer, layer.Tables.Sequence);
        }

        End(group);
    }

    private void Again(LocalGroup group, string why)
    {
        if (group.Phase == LocalPhase.Active)
        {
            group.Phase = LocalPhase.Waiting;
            Reset(group);
            group.BeginWithView(layer.Tables.ViewOf(group.Shared!, [], []));
        }

        layer.Newcomer.Restart(group, layer.Tables.Sequence, why);
    }

    public void Reset(LocalGroup group)
        => layer.Context.Effects.Deliver(new GroupDelivery { Kind = GroupDeliveryKind.Reset, Group = group.Number });

    private void End(LocalGroup group)
    {
        if (group.Operation is not { } operation)
            return;
        group.Operation = null;
        if (--operation.WaitsFor == 0)
            layer.Complete(operation.Token, new CommandOutcome { Result = CommandResult.Done, Number = operation.First });
    }

    public void Leave(ulong token, uint number)
    {
        if (Find(number) is not { IsLeaving: false } group)
        {
            layer.Refuse(token, "this node is no member of the group, or is leaving it already");
            return;
        }

        group.IsLeaving = true;
        group.LeaveToken = token;
        if (group.Phase == LocalPhase.Wanted)
            Gone(group);
        else if (group.Shared is not null)
            SubmitLeave(group);
    }

    private void SubmitLeave(LocalGroup group)
    {
        if (group.IsLeaveSubmitted)
            return;
        group.IsLeaveSubmitted = true;
        SayLeave(group.Shared!.Number);
    }

    private void SayLeave(uint shared)
    {
        var writer = layer.Submits.RentWriter();
        GroupList.WriteLeave(writer, [shared]);
        layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.Leave, Payload = writer.Written });
        layer.Submits.ReturnWriter(writer);
    }

    /// <summary>The application does not keep up with a group: out of it, until it does.</summary>
    public void FellBehind(ulong token, uint number)
    {
        if (Find(number) is { } group)
        {
            group.IsBehind = true;
            StepBackIfBehind();
        }

        layer.Complete(token, new CommandOutcome { Result = CommandResult.Done });
    }

    public void CaughtUp(ulong token, uint number)
    {
        if (Find(number) is { } group)
            group.IsBehind = false;
        layer.Complete(token, new CommandOutcome { Result = CommandResult.Done });
        SubmitWanted();
    }

    /// <summary>Says so for every group whose application is behind and whose others can do without. Refused when another was first, so asked again.</summary>
    public void StepBackIfBehind()
    {
        foreach (var group in _groups)
        {
            if (group is not { IsBehind: true, Phase: LocalPhase.Active, IsLeaving: false, Shared: { } shared } || !layer.IsReady
                || shared.Find(layer.Log.Self) is not { } seat || !shared.CanSpare(seat)
                || layer.Context.NowNs - group.SteppedBackNs < LayerLimits.StepBackEveryNs)
                continue;
            group.SteppedBackNs = layer.Context.NowNs;
            layer.Submits.Say(new LayerEntry { Kind = LayerEntryKind.StepBack, Group = shared.Number });
        }
    }

    /// <summary>The own <see cref="LayerEntryKind.StepBack"/> was delivered, and taken.</summary>
    public void SteppedBack(SharedGroup shared)
    {
        if (FindShared(shared.Number) is not { } group)
            return;
        if (group.IsLeaving)
        {
            Gone(group);
            return;
        }

        layer.Context.Report(NodeEventKind.Transfer, number: layer.Tables.Sequence, text: $"this node left '{group.Name}' until its application has caught up");
        if (group.Phase == LocalPhase.Active)
            Reset(group);
        Detach(group);
        group.Phase = LocalPhase.Wanted;
    }

    /// <summary>The own leave was delivered.</summary>
    public void HasLeft(SharedGroup shared)
    {
        if (FindShared(shared.Number) is not { } group)
            return;
        if (group.IsLeaving)
        {
            Gone(group);
            return;
        }

        // A seat of before was given up, and a join taken before that: the next join follows.
        if (group.Phase == LocalPhase.Active)
            Reset(group);
        Detach(group);
        group.Phase = LocalPhase.Submitted;
    }

    private void Gone(LocalGroup group)
    {
        Detach(group);
        group.Phase = LocalPhase.Left;
        if (group.Operation is { } operation)
        {
            group.Operation = null;
            if (operation.WaitsFor-- > 0)
                layer.Refuse(operation.Token, "the group was left before it was joined");
            operation.WaitsFor = 0;
        }

        layer.Complete(group.LeaveToken, new CommandOutcome { Result = CommandResult.Done });
    }

    private void Detach(LocalGroup group)
    {
        layer.Newcomer.Stop(group);
        group.DropHeld(layer);
        if (group.Shared is { } shared)
            _byShared.Remove(shared.Number);
        group.Shared = null;
    }

    /// <summary>This node lost its place or its tables: all groups are joined again when it is back.</summary>
    public void Suspend(string why)
    {
        foreach (var group in _groups)
        {
            if (group.Phase == LocalPhase.Left)
                continue;
            if (!group.IsLeaving && !layer.Log.IsLeaving)
                layer.Checkpoints.Keep(group);
            if (group.Phase == LocalPhase.Active)
                Reset(group);
            Detach(group);
            group.Phase = LocalPhase.Wanted;
            group.IsLeaveSubmitted = false;
            if (group.IsLeaving)
                Gone(group);
        }

        layer.Context.Report(NodeEventKind.Transfer, text: "groups are joined again: " + why);
    }

    /// <summary>The shared tables came. Seats this very incarnation has in them are worth nothing: what was delivered meanwhile is missing.</summary>
    public void GiveUpSeats()
    {
        List<SharedGroup> groups = [.. layer.Tables.Groups.Where(group => group.Find(layer.Log.Self) is not null)];
        foreach (var group in groups)
            SayLeave(group.Number);
    }
}
