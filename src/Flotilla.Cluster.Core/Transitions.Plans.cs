using System.Collections.Immutable;
using System.Globalization;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>What becomes of plans.</summary>
internal static partial class Transitions
{
    private static ClusterState OnPrimaryDown(ClusterState state, PrimaryDown command)
    {
        if (state.Epoch is not { IsDown: false } epoch || epoch.Number != command.Epoch || epoch.Primary != command.Server)
            return state;
        state = state with { Epoch = epoch with { IsDown = true } };
        // A switchover's fence is its own: its primary may become writable again.
        if (state.Plan is { Kind: not PlanKind.Switchover, Fence: null, Phase: not PlanPhase.Promote } plan)
            state = state with { Plan = plan with { Fence = Fence.Ended } };
        return Decide(state, command, $"{command.Server} is down", command.Why);
    }

    private static ClusterState Begin(ClusterState state, BeginPlan command)
    {
        var isSwitchover = command.Kind == PlanKind.Switchover;
        if (command.Plan != state.LastPlan + 1 || command.Epoch != state.LastEpoch + 1)
            return state;
        if (isSwitchover && (state.Plan is not null || !state.IsEpochLive || command.Candidate is not { } to || to == state.Epoch!.Primary || state.Find(to) is null))
            return state;
        if (command.Kind == PlanKind.Failover && state.Epoch is null)
            return state;
        if (state.Plan is { } given)
        {
            var order = state.Order;
            state = EndPlan(state, given, command, $"plan {Text(given.Number)} is given up", command.Cause);
            // The next plan goes on with it.
            if (order?.Number == command.Order)
                state = state with { Order = order };
        }

        var plan = new Plan
        {
            Number = command.Plan,
            Kind = command.Kind,
            Phase = isSwitchover ? PlanPhase.Quiesce : PlanPhase.Collect,
            Epoch = command.Epoch,
            Cause = command.Cause,
            IsForced = command.IsForced,
            Without = command.Without,
            Candidate = isSwitchover ? command.Candidate : null,
            Wish = command.Candidate,
            Order = command.Order,
            Fence = state.Epoch switch { null => Fence.NoPrimary, { IsDown: true } => Fence.Ended, _ => null },
        };
        state = state with { Plan = plan, LastPlan = plan.Number, LastEpoch = isSwitchover ? state.LastEpoch : command.Epoch };
        var without = command.Without.IsEmpty ? "" : $" without {Words(command.Without)}";
        return Decide(state, command, $"{command.Kind.ToString().ToLowerInvariant()}{without} begins{(plan.IsForced ? ", forced" : "")}: epoch {Text(plan.Epoch)}", command.Cause);
    }

    private static ClusterState InPlan(ClusterState state, ClusterCommand command)
    {
        if (state.Plan is not { } plan)
            return state;
        return command switch
        {
            TellFenced told when told.Plan == plan.Number => OnFenced(state, plan, told),
            TellPosition told when told.Plan == plan.Number && plan.Phase == PlanPhase.Collect && state.Find(told.Server) is not null && Evidence.IsAsked(state, told.Server)
                => state with { Plan = plan with { Positions = [.. plan.Positions.RemoveAll(one => one.Server == told.Server).Add(new(told.Server, told.Position)).OrderBy(one => one.Server)] } },
            ChooseCandidate choose when choose.Plan == plan.Number => Choose(state, plan, choose),
            TellDrained told when told.Plan == plan.Number && plan.Phase == PlanPhase.Drain && plan.Candidate == told.Server => state with { Plan = plan with { IsDrained = true } },
            Promote promote when promote.Plan == plan.Number => OnPromote(state, plan, promote),
            TellPromoted told when told.Plan == plan.Number && plan.Phase == PlanPhase.Promote && plan.Candidate == told.Server
                => EndPlan(state with { Epoch = state.Epoch! with { Unacknowledged = Recounted(state.Epoch!, told.Counted) } }, plan, command, $"{told.Server} is primary of epoch {Text(plan.Epoch)}", plan.Cause),
            AbandonPlan abandon when abandon.Plan == plan.Number && plan.Phase != PlanPhase.Promote
                => EndPlan(state, plan, command, $"plan {Text(plan.Number)} is given up", abandon.Why),
            _ => state,
        };
    }

    private static ClusterState OnFenced(ClusterState state, Plan plan, TellFenced told)
    {
        if (plan.Fence is not null || plan.Phase == PlanPhase.Promote || state.Epoch?.Primary != told.Server)
            return state;
        plan = plan with { Fence = told.Fence };
        if (plan.Phase == PlanPhase.Quiesce)
        {
            if (told.Fence != Fence.ReadOnly || told.Position is not { } position)
                return state;
            plan = plan with { Phase = PlanPhase.Drain, Target = position, Positions = [new(told.Server, position)] };
        }

        return state with { Plan = plan };
    }

    private static ClusterState Choose(ClusterState state, Plan plan, ChooseCandidate choose)
    {
        if (plan.Phase != PlanPhase.Collect || state.Find(choose.Candidate) is null)
            return state;
        plan = plan with { Phase = PlanPhase.Drain, Candidate = choose.Candidate, Source = choose.Source, Target = choose.Target, Missing = choose.Missing };
        var source = choose.Source is { } from ? $", with what {from} has" : "";
        var missing = choose.Missing.IsEmpty ? "" : $"; {Words(choose.Missing)} could not be asked, what only they have is lost";
        var alone = Evidence.IsAnsweredByPrimaryAlone(state, plan)
            ? $"; {Text((ulong)state.Epoch!.Unacknowledged!.Commits)} commits that {state.Epoch.Primary} ended without an acknowledgement may be lost" : "";
        return Decide(state with { Plan = plan }, choose, $"{choose.Candidate} is chosen{source}{missing}{alone}", choose.Why);
    }

    private static ClusterState OnPromote(ClusterState state, Plan plan, Promote command)
    {
        if (!Evidence.IsFenced(plan) || plan is not { Phase: PlanPhase.Drain, IsDrained: true, Candidate: { } primary, Target: { } target } || state.Find(primary) is not { } candidate)
            return state;
        var isSwitchover = plan.Kind == PlanKind.Switchover;
        if (isSwitchover && !state.IsEpochLive)
            return state;
        ImmutableArray<ServerName> ackers = [.. command.Ackers.Where(acker => acker != primary && state.Find(acker) is not null).Distinct().Order()];
        // The old primary of a switchover told its position too.
        var isKnown = Planted.Is(PlantedBug.ForgetEldersAtOnce) || ackers.Any(acker => plan.PositionOf(acker)?.Contains(target) == true);
        // Nobody acknowledged what the epoch before committed, so it has no elders who could be asked: until an acker has it, only this primary does.
        var isAlone = state.Level >= 2 && !isKnown && state.Epoch is { Durability: not Durability.Acknowledged };
        // Whoever gave way did so when all it had committed was acknowledged.
        if (isSwitchover)
            state = Change(state, state.Epoch!.Primary, server => server with { MayHaveTail = false });
        state = Change(state, primary, server => server with { MayHaveTail = true }) with
        {
            LastEpoch = plan.Epoch,
            Epoch = new EpochState
            {
                Number = plan.Epoch,
                Primary = primary,
                LeaseMs = candidate.Spec.LeaseMs,
                Ackers = ackers,
                Start = target,
                Durability = isAlone ? Durability.Returning : Durability.Acknowledged,
                DurabilitySince = isAlone ? state.LastDecision + 1 : 0,
                WaitsFrom = isAlone ? target : null,
                Elders = isKnown ? [] : [.. (state.Epoch?.Witnesses ?? []).Except(plan.Missing)],
            },
            Plan = plan with { Phase = PlanPhase.Promote },
        };
        return Decide(state, command, $"{primary} is promoted, {Words(ackers)} acknowledge", plan.Cause);
    }

    private static ClusterState EndPlan(ClusterState state, Plan plan, ClusterCommand command, string what, string why)
        => Decide(state with { Plan = null, Order = state.Order?.Number == plan.Order ? null : state.Order }, command, what, why);

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
