using System.Collections.Immutable;
using System.Globalization;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>
/// The next decision, from what is agreed on and what is noted. A function: whoever comes to coordinate after a loss decides the same, so there is nothing to hand over.
/// </summary>
public static partial class Coordinator
{
    /// <summary>A step with the reason, which is there when nothing is to be done too.</summary>
    public static CoordinatorStep Next(ClusterState state, NodeView view, CoordinatorNotes notes, AgentOptions options, long nowNs)
    {
        if (view.Coordinator is not { } coordinator)
            return new("this node is in no view: a majority of nodes is missing");
        if (coordinator != options.Node)
            return new($"{coordinator} coordinates");
        var all = new CoordinatorView(state, view, notes, options, nowNs);
        if (state.Order is { } order && OnOrder(all, order) is { } ordered)
            return ordered;
        if (state.Plan is { } plan)
            return InPlan(all, plan);
        if (state.Epoch is not { } epoch)
            return Found(all);
        if (!state.IsEpochLive)
            return NoPrimary(all, epoch);
        return Watch(all, epoch) ?? Acknowledgements(all, epoch) ?? Removals(all) ?? new($"{epoch.Primary} is primary of epoch {Text(epoch.Number)}");
    }

    private static CoordinatorStep Found(CoordinatorView all)
    {
        if (all.State.IsPaused)
            return new("the cluster is paused");
        var silent = all.View.Members.Where(node => !all.State.Nodes.Contains(node)).ToList();
        if (silent.Count > 0)
            return new($"waits for {string.Join(", ", silent)} to say which servers they have");
        if (all.State.Servers.IsEmpty)
            return new("there are no servers yet");
        var gone = all.State.Servers.Where(server => !all.IsDriven(server)).Select(server => server.Name).ToList();
        return gone.Count > 0 ? new($"before there was a primary all must be here; gone are {Words(gone)}") : Begin(all, PlanKind.Start, "there was never a primary");
    }

    // The epoch is over, or its primary is.
    private static CoordinatorStep NoPrimary(CoordinatorView all, EpochState epoch)
    {
        if (all.State.IsPaused)
            return new("the cluster is paused: there is no primary");
        if (all.State.Find(epoch.Primary) is { IsInMaintenance: true })
            return new($"{epoch.Primary} is in maintenance: nobody is made primary instead");
        return CanFailOver(all, epoch, out var obstacle)
            ? Begin(all, PlanKind.Failover, $"{epoch.Primary} is down")
            : Begin(all, PlanKind.Start, $"{epoch.Primary} is down, and it is wanted back: {obstacle}");
    }

    private static CoordinatorStep? Watch(CoordinatorView all, EpochState epoch)
    {
        if (all.State.Find(epoch.Primary) is not { } primary)
            return null;
        var silentMs = Text((ulong)(all.NowNs - all.Notes.KeepAliveNs) / 1_000_000);
        string cause;
        if (!all.IsDriven(primary))
        {
            var isLooked = all.Notes.Remote.TryGetValue(primary.Name, out var look) && look.BegunNs >= all.NowNs - all.GoneNs(primary);
            var isRefused = isLooked ? !look!.Seen.IsAnswering : Planted.Is(PlantedBug.DeclareDeadUnasked);
            // Replicas need a second to stop receiving from a host that is cut off: the plan waits for the end of the lease, they need not.
            var isAwaited = !isLooked && all.GoneNs(primary) >= all.Options.AnswerNs && all.NowNs >= all.LeaseEndsNs - all.Options.AheadNs;
            if (!all.IsLeaseOver && !isRefused && !isAwaited)
                return new($"the node {primary.Node} is gone; {primary.Name} has a lease for another {Text((ulong)(all.LeaseEndsNs - all.NowNs) / 1_000_000)} ms");
            cause = isRefused ? $"its node {primary.Node} is gone, and {primary.Name} does not answer: {look?.Seen.Error}"
                : !all.IsLeaseOver ? $"its node {primary.Node} is gone, {primary.Name} has not answered, and its lease is about to end" : $"its node {primary.Node} is gone, and its lease is over";
        }
        else if (all.NowNs >= all.LeaseEndsNs + all.Options.HangNs / 4)
        {
            cause = $"no keep-alive came for {silentMs} ms";
        }
        else
        {
            return Unreached(all, epoch, primary);
        }

        if (all.State.IsPaused || primary.IsInMaintenance)
            return new($"{cause}; but {(all.State.IsPaused ? "the cluster is paused" : "it is in maintenance")}");
        if (CanFailOver(all, epoch, out var obstacle))
            return Begin(all, PlanKind.Failover, cause);
        return all.IsLeaseOver ? Begin(all, PlanKind.Start, $"{cause}; it is wanted back: {obstacle}") : new($"{cause}; {obstacle}");
    }

    // Its replicas are well and cannot connect to it: it is well too, and every commit on it waits.
    private static CoordinatorStep? Unreached(CoordinatorView all, EpochState epoch, ServerState primary)
    {
        if (all.State.IsPaused || primary.IsInMaintenance || all.Receiving.Any())
            return null;
        var trying = all.State.Servers.Where(server => epoch.Ackers.Contains(server.Name) && all.IsDriven(server) && IsReady(server, epoch) && all.SilentNs(server.Name) > all.Options.UnreachedNs)
            .Select(server => server.Name).ToList();
        return trying.Count > 0 && CanFailOver(all, epoch, out _) ? Begin(all, PlanKind.Failover, $"{Words(trying)} cannot connect to {primary.Name}, and nobody else acknowledges") : null;
    }

    /// <summary>Whether somebody else could be made primary by what is known now.</summary>
    private static bool CanFailOver(CoordinatorView all, EpochState epoch, out string obstacle)
    {
        obstacle = "";
        if (all.IsFlapping)
            obstacle = $"the last failover was less than {all.State.Policy.FlapWindowSeconds.ToString(CultureInfo.InvariantCulture)} s ago";
        else if (epoch.Durability != Durability.Acknowledged)
            obstacle = "the epoch is degraded: only the primary has everything";
        else if (epoch.Witnesses.FirstOrDefault(witness => !CanBeAsked(all, witness)) is var mute && mute != default && all.State.Policy.Loss == LossPolicy.Strict)
            obstacle = $"{mute} can't be asked, and may be the only one to have acknowledged";
        else if (!all.State.Servers.Any(server => server.Name != epoch.Primary && epoch.Witnesses.Contains(server.Name) && Candidates.Obstacle(all, server) is null))
            obstacle = "nobody else can be primary";
        return obstacle.Length == 0;
    }

    private static bool CanBeAsked(CoordinatorView all, ServerName name)
        => all.State.Find(name) is { } server && (all.IsDriven(server) ? server.Report.Status is ServerStatus.Up or ServerStatus.Starting : all.Notes.Remote.TryGetValue(name, out var look) && look.Seen.IsAnswering);

    private static CoordinatorStep? OnOrder(CoordinatorView all, Order order)
    {
        var state = all.State;
        if (state.Plan?.Order == order.Number)
            return null;
        var failed = state.Epoch?.Primary;
        if (order.To is { } wanted && state.Find(wanted) is { } named && Candidates.Refusal(named) is { } refusal)
            return Refuse(order, refusal);
        if (order.Kind == OrderKind.Failover)
        {
            if (failed is null)
                return Refuse(order, "there was never a primary");
            if (state.Plan is { } plan && (plan.IsForced || !order.IsForced))
                return Refuse(order, $"a {plan.Kind.ToString().ToLowerInvariant()} is on its way: {plan.Cause}");
            if (order.To is { } next && (next == failed || state.Find(next) is null))
                return Refuse(order, $"{next} {(next == failed ? "is the one to be replaced" : "is no server of the cluster")}");
            return Begin(all, PlanKind.Failover, order.EffectiveCause) is { Command: BeginPlan begin } step
                ? step with { Command = begin with { Candidate = order.To, Order = order.Number, IsForced = order.IsForced } }
                : null;
        }

        if (state.Plan is not null || !state.IsEpochLive)
            return Refuse(order, "there is no primary that could be asked to give way");
        var candidates = state.Servers.Where(server => server.Name != failed && (order.To is null || order.To == server.Name)).ToList();
        var best = candidates
            .Where(server => Candidates.Obstacle(all, server) is null && all.IsReceiving(server.Name))
            .OrderBy(server => server.Spec.Priority).ThenBy(server => server.Report.LagSeconds ?? int.MaxValue).ThenBy(server => server.Name).FirstOrDefault();
        if (best is { Report.LagSeconds: <= 1 })
        {
            return new($"{best.Name} is close", new BeginPlan(state.LastPlan + 1, PlanKind.Switchover, state.LastEpoch + 1, order.EffectiveCause) { Candidate = best.Name, Order = order.Number, IsForced = order.IsForced });
        }

        var why = best is not null ? $"{best.Name} is {best.Report.LagSeconds?.ToString(CultureInfo.InvariantCulture) ?? "?"} s behind"
            : candidates.Count == 0 ? $"{order.To?.ToString() ?? "nobody"} is no replica of the cluster"
            : string.Join("; ", candidates.Select(server => $"{server.Name}: {Candidates.Obstacle(all, server) ?? "it does not follow the primary"}"));
        return candidates.Count == 0 || all.NowNs - all.Notes.OrderSinceNs > all.Options.SwitchoverNs ? Refuse(order, why) : new($"waits with the switchover: {why}");
    }

    private static CoordinatorStep Refuse(Order order, string why) => new(why, new EndOrder(order.Number, why));

    private static CoordinatorStep Begin(CoordinatorView all, PlanKind kind, string cause, ImmutableArray<ServerName>? without = null)
    {
        var begin = new BeginPlan(all.State.LastPlan + 1, kind, all.State.LastEpoch + 1, cause) { Without = without ?? [] };
        return new(cause, begin);
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Words(IEnumerable<ServerName> servers) => string.Join(", ", servers) is { Length: > 0 } names ? names : "nobody";
}
