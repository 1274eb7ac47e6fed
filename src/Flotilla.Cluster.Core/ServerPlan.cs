using System.Globalization;
using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>
/// What is next for a server of this node, from what the state wants of it and from what it was seen to be. Asked again after everything that happens.
/// </summary>
public static partial class ServerPlan
{
    public static ServerStep Next(ClusterState state, ServerState server, ServerNotes notes, AgentOptions options, long nowNs)
    {
        var step = NextOf(state, server, notes, options, nowNs);
        return server.Spec.IsWatched && !Planted.Is(PlantedBug.DriveWatched) ? OfWatched(step, notes, nowNs) : step;
    }

    // Whatever needs the process, or its guard, is left to people.
    private static ServerStep OfWatched(ServerStep step, ServerNotes notes, long nowNs) => step.Action switch
    {
        StartServer => step with { Reason = $"{step.Reason}; it is only watched: start it yourself", Action = null },
        KillServer when notes is { IsFresh: true, Seen: { IsAnswering: true, IsReadOnly: false } } && nowNs >= notes.NotBeforeNs => step with { Action = new MakeReadOnly() },
        KillServer when notes.Seen is { IsAnswering: false, Error: { Length: > 0 } error } => step with { Reason = $"{step.Reason}: {error}; it is only watched: end it yourself", Action = null },
        KillServer => step with { Reason = $"{step.Reason}; it is only watched: end it yourself", Action = null },
        BecomePrimary or MakeWritable => step with { Reason = "is only watched, and was primary before: another server is made primary", Action = null },
        _ => step,
    };

    private static ServerStep NextOf(ClusterState state, ServerState server, ServerNotes notes, AgentOptions options, long nowNs)
    {
        var isPrimary = state.Epoch?.Primary == server.Name;
        if (notes.Guard is not { } guard)
            return new("its guard has not answered");
        if (!guard.IsRunning)
            return NotRunning(state, server, notes, isPrimary, nowNs);
        if (isPrimary && state.Epoch is { IsDown: false } epoch && notes.EndedInEpoch == epoch.Number)
            return new("its process began anew", Tell: new PrimaryDown(server.Name, epoch.Number, "its process ended, and began anew"));
        if (isPrimary && IsToBeKilled(state, notes))
            return new("the epoch goes on without it", new KillServer($"epoch {Text(state.LastEpoch)} begins"));
        if (Hung(state, server, notes, options, isPrimary, nowNs) is { } hung)
            return hung;
        if (notes.Action is { } action)
            return new($"busy: {action}");
        if (!notes.IsFresh || notes.Seen is not { IsAnswering: true } seen)
            return new(notes.Seen is { IsAnswering: false } silent ? $"does not answer: {silent.Error}" : "is being looked at");
        if (nowNs < notes.NotBeforeNs)
            return new($"waits after a failure: {notes.Failure}");
        var view = new ServerView(state, server, notes, seen, options, nowNs);
        if (state.Plan is { } plan)
        {
            if (plan.Kind == PlanKind.Switchover && InSwitchover(view, plan) is { } inSwitchover)
                return inSwitchover;
            if (plan.Kind != PlanKind.Switchover && plan.Phase != PlanPhase.Promote)
                return plan.Phase == PlanPhase.Collect ? Collect(view, plan, isPrimary) : Drain(view, plan, isPrimary);
        }

        if (state.Epoch is null)
            return new("waits for the first primary");
        if (isPrimary)
            return state.IsEpochLive ? Reign(view, state.Epoch) : new("waits for the next primary");
        return Replicate(view, state.Epoch);
    }

    // Before anything else is looked at: a primary that must end need not answer for it. One that is read-only may stay.
    private static bool IsToBeKilled(ClusterState state, ServerNotes notes)
    {
        var isOver = state.Plan is { Kind: not PlanKind.Switchover, Phase: not PlanPhase.Promote } || !state.IsEpochLive;
        var isReadOnly = notes.Seen is { IsAnswering: true, IsReadOnly: true } && notes.Action is not MakeWritable;
        return isOver && !isReadOnly && notes.AnsweredNs is not null && notes.Action is not KillServer;
    }

    private static ServerStep NotRunning(ClusterState state, ServerState server, ServerNotes notes, bool isPrimary, long nowNs)
    {
        var ended = (notes.Guard!.Ended.Length > 0 ? notes.Guard.Ended : "its process does not run") + (notes.KilledFor.Length > 0 ? ": " + notes.KilledFor : "");
        if (isPrimary && state.Epoch is { IsDown: false } epoch)
            return new(ended, Tell: new PrimaryDown(server.Name, epoch.Number, ended));
        if (notes.Action is { } action)
            return new($"busy: {action}");
        if (server.IsInMaintenance)
            return new("is in maintenance: nobody starts it");
        if (state.IsPaused)
            return new("the cluster is paused: nobody starts it");
        if (nowNs < notes.NotBeforeNs)
            return new($"waits after a failure: {notes.Failure}");
        if (isPrimary && !(state.Plan is { Kind: PlanKind.Start } plan && (plan.Phase == PlanPhase.Collect || plan.Candidate == server.Name)))
            return new("was primary: starts when there is another one, or when it is wanted back");
        var role = state.RoleOf(server.Name);
        return new($"does not run: {ended}", new StartServer(role));
    }

    private static ServerStep? Hung(ClusterState state, ServerState server, ServerNotes notes, AgentOptions options, bool isPrimary, long nowNs)
    {
        if (server.IsInMaintenance || state.IsPaused || notes.Action is StartServer or Provision or KillServer)
            return null;
        var isLive = isPrimary && state.IsEpochLive;
        var limit = notes.AnsweredNs is null ? options.StartNs : isLive ? options.HangNs : options.ReplicaHangNs;
        // What the looks saw since the last answer decides, not that nobody looked.
        var since = notes.AnsweredNs ?? notes.StartedNs;
        if (notes.Seen is not { IsAnswering: false } silent || notes.SeenNs <= since || nowNs - since < limit)
            return null;
        return new("hangs", new KillServer($"has not answered for {Text((ulong)((nowNs - since) / 1_000_000))} ms: {silent.Error}"));
    }

    private static ServerStep? InSwitchover(in ServerView view, Plan plan)
    {
        var name = view.Server.Name;
        if (view.State.Epoch?.Primary == name && plan.Phase is PlanPhase.Quiesce or PlanPhase.Drain)
        {
            if (!view.Seen.IsReadOnly && !Planted.Is(PlantedBug.SwitchOverWhileWritable))
                return plan.Phase == PlanPhase.Quiesce ? new("becomes read-only for the switchover", new MakeReadOnly()) : new("waits for the next primary");
            return plan.Phase == PlanPhase.Quiesce
                ? new("is read-only", Tell: new TellFenced(plan.Number, name, Fence.ReadOnly, view.Seen.Logged))
                : new("waits for the next primary");
        }

        if (plan.Candidate != name || plan.Phase != PlanPhase.Drain)
            return null;
        return view.Seen.Applied.Contains(plan.Target!) ? new("has applied all", Tell: new TellDrained(plan.Number, name)) : new("applies what it received");
    }

    private static ServerStep Collect(in ServerView view, Plan plan, bool isPrimary)
    {
        var seen = view.Seen;
        var name = view.Server.Name;
        if (!seen.IsReadOnly)
            return seen.IsSemiSyncPrimary ? new("is writable", new KillServer("is writable, and no primary")) : new("is writable", new MakeReadOnly());
        if (isPrimary && plan.Fence is null)
            return new("is read-only", Tell: new TellFenced(plan.Number, name, Fence.ReadOnly, seen.Logged));
        if (seen.Replica is { IsReceiverRunning: true } && !Planted.Is(PlantedBug.TellWhileReceiving))
            return new("acknowledges nothing more", new StopReceiver());
        if (seen.Replica is { HasUnapplied: true, IsApplierRunning: false, ApplierError.Length: 0 } && PositionOf(seen) is null)
            return new("applies its relay log: it may have more than it knows", new ApplyRelayLog());
        if (plan.PositionOf(name) is not null || !Evidence.IsAsked(view.State, name))
            return new("waits for a candidate");
        return PositionOf(seen) is { } position
            ? new("says what it has", Tell: new TellPosition(plan.Number, name, position))
            : new($"applies its relay log{(seen.Replica?.ApplierError is { Length: > 0 } error ? $", or would: {error}" : "")}");
    }

    /// <summary>What a server has for certain; null while its relay log may hold more than it knows of.</summary>
    public static ReplicationPosition? PositionOf(ServerObservation seen)
    {
        var own = seen.Logged.Join(seen.Applied) ?? seen.Applied;
        if (seen.Replica is not { HasUnapplied: true } replica || Planted.Is(PlantedBug.ForgetRelayLog))
            return own;
        return replica is { IsApplierRunning: true, UsesGtid: true } ? own.Join(replica.Received) ?? replica.Received : null;
    }

    private static ServerStep Drain(in ServerView view, Plan plan, bool isPrimary)
    {
        var seen = view.Seen;
        var name = view.Server.Name;
        if (isPrimary && plan.Fence is null && seen.IsReadOnly)
            return new("is read-only", Tell: new TellFenced(plan.Number, name, Fence.ReadOnly, seen.Logged));
        if (plan.Source == name && plan.Candidate is { } candidate && !seen.AllowedReplicas.Contains(candidate))
            return new($"lets {candidate} fetch", new AllowReplicas([candidate]));
        if (plan.Candidate != name)
            return new("waits for the next primary");
        if (seen.Replica is { HasUnapplied: true } replica && !Planted.Is(PlantedBug.PromoteUndrained))
            return replica.IsApplierRunning ? new("applies what it received") : new("applies its relay log", new ApplyRelayLog());
        if (HasAll(seen, plan.Target!))
            return new("has applied all", Tell: new TellDrained(plan.Number, name));
        if (plan.Source is not { } source)
            return new($"lacks something of {plan.Target}");
        return view.IsFrom(source) && seen.Replica is { IsReceiverRunning: true } ? new($"fetches from {source}") : new($"fetches from {source}", new Fetch(source, plan.Target!));
    }

    // Applied, or logged by itself while it was primary.
    private static bool HasAll(ServerObservation seen, ReplicationPosition target)
        => Planted.Is(PlantedBug.PromoteUndrained) || (seen.Logged.Join(seen.Applied) ?? seen.Applied).Contains(target);

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
