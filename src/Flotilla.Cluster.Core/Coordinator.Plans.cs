using System.Collections.Immutable;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>What is decided while a plan is on its way.</summary>
public static partial class Coordinator
{
    private static CoordinatorStep InPlan(CoordinatorView all, Plan plan)
    {
        if (plan.Fence is null && plan.Kind != PlanKind.Switchover && plan.Phase != PlanPhase.Promote && all.State.Epoch is { } epoch && all.IsLeaseOver)
            return new($"the lease of {epoch.Primary} is over", new TellFenced(plan.Number, epoch.Primary, Fence.LeaseOver, null));
        return plan.Phase switch
        {
            PlanPhase.Quiesce => Quiesce(all, plan),
            PlanPhase.Collect => Collect(all, plan),
            PlanPhase.Drain => Drain(all, plan),
            PlanPhase.Promote => Promoting(all, plan),
            _ => throw new InvalidOperationException(),
        };
    }

    private static CoordinatorStep Quiesce(CoordinatorView all, Plan plan)
    {
        if (SwitchoverObstacle(all, plan) is { } obstacle)
            return obstacle;
        return new($"waits for {all.State.Epoch!.Primary} to become read-only");
    }

    // The old primary goes on when nothing is lost by it; when it is down there is something else to do.
    private static CoordinatorStep? SwitchoverObstacle(CoordinatorView all, Plan plan)
    {
        var state = all.State;
        if (!state.IsEpochLive)
            return new("the primary is down", new AbandonPlan(plan.Number, $"{state.Epoch?.Primary} went down meanwhile"));
        if (!all.IsDriven(state.Epoch!.Primary))
            return new("the primary's node is gone", new AbandonPlan(plan.Number, $"the node of {state.Epoch.Primary} went away meanwhile"));
        if (state.Find(plan.Candidate!.Value) is not { } candidate || Candidates.Obstacle(all, candidate) is not null)
            return new("the candidate is gone", new AbandonPlan(plan.Number, $"{plan.Candidate} can't be primary any more"));
        return all.InPhaseNs > all.Options.SwitchoverNs ? new("it takes too long", new AbandonPlan(plan.Number, $"not done in {Text((ulong)all.Options.SwitchoverNs / 1_000_000)} ms")) : null;
    }

    private static CoordinatorStep Collect(CoordinatorView all, Plan plan)
    {
        var state = all.State;
        if (RemotePosition(all, plan) is { } remote)
            return remote;
        var last = state.Epoch is { } epoch ? state.Find(epoch.Primary) : null;
        if (plan.Kind == PlanKind.Start && last is not null && LastPrimary(all, plan, last) is { } step)
            return step;
        var unasked = Unasked(all, plan);
        // With the last primary none is missed: it has everything.
        var isComplete = unasked.IsEmpty && !Evidence.IsPrimaryNeeded(state, plan);
        if (!isComplete && !MayLose(all, plan, out var why))
            return BackToLast(all, plan, last, unasked) ?? new(why);
        if (plan.Positions.IsEmpty)
            return BackToLast(all, plan, last, unasked) ?? new("nobody has told what it has");
        var missing = isComplete ? unasked : [.. unasked.Union(Evidence.IsPrimaryNeeded(state, plan) ? [state.Epoch!.Primary] : [])];
        if (Candidates.Choose(all, plan, out var reason) is { } choice)
            return new(reason, new ChooseCandidate(plan.Number, choice.Candidate, choice.Source, choice.Target, missing, reason));
        if (!plan.Without.IsEmpty && all.InPhaseNs > all.Options.PromoteNs)
            return Again(all, plan, [], $"{reason}; everybody is tried again");
        return BackToLast(all, plan, last, unasked) ?? new(reason);
    }

    private static ImmutableArray<ServerName> Unasked(CoordinatorView all, Plan plan)
        => all.State.Epoch is null
            ? [.. all.State.Servers.Where(server => !server.IsInMaintenance && !server.IsLeaving && plan.PositionOf(server.Name) is null).Select(server => server.Name)]
            : [.. Evidence.Unasked(all.State, plan)];

    // Waits for it as long as there is hope, or need; null when it is done without.
    private static CoordinatorStep? LastPrimary(CoordinatorView all, Plan plan, ServerState last)
    {
        if (plan.PositionOf(last.Name) is { } position)
        {
            // When somebody has more it lost its data meanwhile: then it is like all others. Whoever has something else was written by hand.
            var hasAll = position.Contains(all.State.Epoch!.Start) && plan.Positions.All(one => one.Position.CompareTo(position) != PositionOrder.After);
            if (hasAll && !plan.Without.Contains(last.Name) && Candidates.Obstacle(all, last) is null)
                return new($"{last.Name} was primary and has everything", new ChooseCandidate(plan.Number, last.Name, null, position, [], $"it was primary: it has everything, {position}"));
            return null;
        }

        if (all.IsFlapping && !plan.IsForced)
            return new($"waits for {last.Name}, which was primary: the last failover was a short time ago");
        var patience = all.IsDriven(last) ? all.Options.DrainNs : all.Options.PatienceNs;
        return all.InPhaseNs < patience ? new($"waits for {last.Name}, which was primary") : null;
    }

    // What is missing may be had from the old primary: it is given up no longer.
    private static CoordinatorStep? BackToLast(CoordinatorView all, Plan plan, ServerState? last, ImmutableArray<ServerName> unasked)
    {
        if (plan.Kind != PlanKind.Failover || last is null || !all.IsDriven(last) || last.IsInMaintenance || plan.Fence is null || all.InPhaseNs < all.Options.HangNs)
            return null;
        return Begin(all, PlanKind.Start, $"{last.Name} is wanted back: {(unasked.IsEmpty ? "nobody else can be primary" : $"{Words(unasked)} can't be asked")}");
    }

    private static bool MayLose(CoordinatorView all, Plan plan, out string why)
    {
        var state = all.State;
        var unasked = Unasked(all, plan);
        why = state.Epoch is { } epoch && Evidence.IsPrimaryNeeded(state, plan)
            ? $"{(epoch.Durability == Durability.Acknowledged ? "commits were killed, and answered, before anybody acknowledged them" : "the epoch is degraded")}: only {epoch.Primary} has everything, and a person must say that it may be lost"
            : $"waits for {Words(unasked)}, who may have acknowledged what nobody else has";
        if (state.Epoch is null)
            return false;
        if (plan.IsForced)
            return all.InPhaseNs >= all.Options.HangNs;
        return state is { Policy.Loss: LossPolicy.Available, Epoch.Durability: Durability.Acknowledged } && all.InPhaseNs >= all.Options.AckerSilentNs;
    }

    private static CoordinatorStep? RemotePosition(CoordinatorView all, Plan plan)
    {
        if (!Evidence.MayAskRemotely(plan))
            return null;
        foreach (var (name, look) in all.Notes.Remote)
        {
            if (look.Plan != plan.Number || all.IsDriven(name) || plan.PositionOf(name) is not null || all.State.Epoch?.Primary == name || all.State.Epoch?.Witnesses.Contains(name) != true)
                continue;
            if (look.Seen is { IsAnswering: true, IsReadOnly: true } seen && seen.Replica?.IsReceiverRunning != true && ServerPlan.PositionOf(seen) is { } position)
                return new($"{name} was asked without its node", new TellPosition(plan.Number, name, position));
        }

        return null;
    }

    private static CoordinatorStep Drain(CoordinatorView all, Plan plan)
    {
        var candidate = plan.Candidate!.Value;
        if (plan.IsDrained && Evidence.IsFenced(plan) && (plan.Kind != PlanKind.Switchover || all.State.IsEpochLive))
            return new($"{candidate} has all", new Promote(plan.Number, Followers(all, plan, candidate)));
        if (plan.Kind == PlanKind.Switchover)
            return SwitchoverObstacle(all, plan) ?? new($"waits for {candidate} to apply all");
        if (all.State.Find(candidate) is not { } server || Candidates.Obstacle(all, server) is { } gone && !(server.Name == all.State.Epoch?.Primary && all.IsDriven(server)))
            return Again(all, plan, plan.Without.Add(candidate), $"{candidate} can't be primary any more");
        if (plan.Source is { } source && !CanBeAsked(all, source) && all.InPhaseNs > all.Options.HangNs)
            return Again(all, plan, plan.Without, $"{source} is gone, which has what {candidate} lacks");
        var others = plan.Positions.Any(one => one.Server != candidate && !plan.Without.Contains(one.Server) && all.State.Find(one.Server) is { } other && Candidates.Obstacle(all, other) is null);
        var hope = others || (all.State.Epoch is { } epoch && epoch.Primary != candidate && all.IsDriven(epoch.Primary));
        if (!plan.IsDrained && hope && plan.Source is { } giver && server.Report is { IsReceiverRunning: false, Error: { Length: > 0 } error } report && report.Source == giver && report.Epoch == plan.Epoch)
            return Again(all, plan, plan.Without.Add(candidate), $"{candidate} can't fetch from {giver}: {error}");
        if (!plan.IsDrained && hope && all.NowNs - Math.Max(all.Notes.PhaseSinceNs, all.Notes.ProgressNs) > all.Options.DrainNs)
            return Again(all, plan, plan.Without.Add(candidate), $"{candidate} does not go on");
        return new(plan.IsDrained ? $"waits for the end of {all.State.Epoch?.Primary}'s lease" : $"waits for {candidate} to have all of {plan.Target}");
    }

    // Whoever will follow may acknowledge from the first commit on.
    private static ImmutableArray<ServerName> Followers(CoordinatorView all, Plan plan, ServerName candidate)
    {
        var isSwitchover = plan.Kind == PlanKind.Switchover;
        return
        [
            .. all.State.Servers
                .Where(server => server.Name != candidate && all.IsDriven(server) && server is { IsInMaintenance: false, IsLeaving: false, IsToBeProvisioned: false, Report.Status: ServerStatus.Up })
                .Where(server => isSwitchover ? server.Name == all.State.Epoch!.Primary || all.IsReceiving(server.Name) : plan.PositionOf(server.Name) is not null)
                .Select(server => server.Name),
        ];
    }

    private static CoordinatorStep Promoting(CoordinatorView all, Plan plan)
    {
        var primary = plan.Candidate!.Value;
        var why = all.State.Epoch!.IsDown ? $"{primary} went down" : !all.IsDriven(primary) && all.IsLeaseOver ? $"the node of {primary} is gone"
            : all.InPhaseNs > all.Options.PromoteNs ? $"{primary} did not become writable" : null;
        if (why is null)
            return new($"waits for {primary} to become writable");
        var other = all.State.Servers.Any(server => server.Name != primary && all.State.Epoch.Witnesses.Contains(server.Name) && Candidates.Obstacle(all, server) is null);
        return Begin(all, other ? PlanKind.Failover : PlanKind.Start, why, other ? [primary] : []);
    }

    private static CoordinatorStep Again(CoordinatorView all, Plan plan, ImmutableArray<ServerName> without, string why)
        => Begin(all, plan.Kind, why, without) is { Command: BeginPlan begin } step ? step with { Command = begin with { IsForced = plan.IsForced, Candidate = plan.Wish, Order = plan.Order } } : throw new InvalidOperationException();
}
