using System.Collections.Immutable;
using System.Globalization;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>What each command does to the state. Whatever does not fit the state changes nothing.</summary>
internal static partial class Transitions
{
    public static ClusterState Apply(ClusterState state, ClusterCommand command) => command switch
    {
        DeclareServers declare => Declare(state, declare),
        ReportServer report => Change(state, report.Server, server => server.Node == report.Node ? server with { Report = report.Report, MayHaveTail = server.MayHaveTail && !Follows(state, report.Report) } : server),
        KeepAlive => state,
        PrimaryDown down => OnPrimaryDown(state, down),
        BeginPlan begin => Begin(state, begin),
        TellFenced or TellPosition or ChooseCandidate or TellDrained or Promote or TellPromoted or AbandonPlan => InPlan(state, command),
        ForgetElders or AddAcker or LockOutAcker or ReadmitAcker or TellLockedOut or TakeAwayAcker or Degrade or ReturnToAcknowledged or TellWaiting or EndDegraded or TellUnacknowledged or EndUnacknowledged => InEpoch(state, command),
        GiveOrder give => TakeOrder(state, give),
        EndOrder end when state.Order?.Number == end.Number => Decide(state with { Order = null }, end, $"the order to {Words(state.Order)} ends", end.Why),
        SetMaintenance set when state.Find(set.Server) is { } server && server.IsInMaintenance != set.IsOn
            => Decide(Change(state, set.Server, one => one with { IsInMaintenance = set.IsOn }), set, $"maintenance of {set.Server} {OnOff(set.IsOn)}", "ordered"),
        SetPause set when state.IsPaused != set.IsOn => Decide(state with { IsPaused = set.IsOn }, set, $"pause {OnOff(set.IsOn)}", "ordered"),
        SetPolicy set when state.Policy != set.Policy => Decide(state with { Policy = set.Policy }, set, $"policy: {set.Policy}", "ordered"),
        RemoveServer remove when state.Find(remove.Server) is { IsLeaving: false } && state.Epoch?.Primary != remove.Server
            => Decide(Change(state, remove.Server, one => one with { IsLeaving = true }), remove, $"{remove.Server} is to be removed", "ordered"),
        ForgetServer forget when MayForget(state, forget.Server) => Forget(state, forget),
        AdmitServer admit when state.Find(admit.Server) is { IsLeaving: true } => Decide(Change(state, admit.Server, one => one with { IsLeaving = false }), admit, $"{admit.Server} stays", "ordered"),
        AdmitServer admit when state.FindRemoved(admit.Server) is { } removed => Decide(state with { Removed = state.Removed.Remove(removed) }, admit, $"{admit.Server} may come back", "ordered"),
        ProvisionServer provision when state.Find(provision.Server) is { IsToBeProvisioned: false } && state.Epoch?.Primary != provision.Server
            => Decide(Change(state, provision.Server, one => one with { IsToBeProvisioned = true }), provision, $"{provision.Server} is to be filled anew", provision.Why),
        TellProvisioned told when state.Find(told.Server) is { IsToBeProvisioned: true }
            => Decide(Change(state, told.Server, one => one with { IsToBeProvisioned = false }), told, $"{told.Server} is filled anew", "its node did it"),
        _ => state,
    };

    /// <summary>Whether nobody counts on a server that is to be removed.</summary>
    public static bool MayForget(ClusterState state, ServerName name)
        => state.Find(name) is { IsLeaving: true } && state.Plan is null && (state.Epoch is null || (state.Epoch.Primary != name && !state.Epoch.Witnesses.Contains(name)));

    // Its node still has it, and would declare it again.
    private static ClusterState Forget(ClusterState state, ForgetServer command)
    {
        var server = state.Find(command.Server)!;
        var removed = state.Removed.Length < ClusterState.ServersMax ? state.Removed : state.Removed.RemoveAt(0);
        state = state with { Servers = state.Servers.Remove(server), Removed = removed.Add(new RemovedServer(server.Name, server.Node)) };
        return Decide(state, command, $"{server.Name} is removed", "nobody counts on it");
    }

    private static ClusterState Declare(ClusterState state, DeclareServers command)
    {
        if (!state.Nodes.Contains(command.Node))
            state = state with { Nodes = [.. state.Nodes.Add(command.Node).Order()] };
        if (!state.Levels.Contains(new NodeLevel(command.Node, command.Level)))
        {
            ImmutableArray<NodeLevel> levels = [.. state.Levels.RemoveAll(one => one.Node == command.Node).Add(new(command.Node, command.Level)).OrderBy(one => one.Node)];
            // Whoever has not said it is of a program that knows no levels.
            var known = levels.Length == state.Nodes.Length ? levels.Min(one => one.Level) : 1;
            state = state with { Levels = levels, Level = Math.Max(state.Level, known) };
        }

        foreach (var spec in command.Servers)
        {
            var known = state.Find(spec.Name);
            if ((known?.Spec == spec && known.Node == command.Node) || Obstacle(state, command.Node, spec) is not null)
                continue;
            var server = known is null ? new ServerState { Spec = spec, Node = command.Node } : known with { Spec = spec, Node = command.Node };
            state = state with { Servers = [.. state.Servers.RemoveAll(one => one.Name == spec.Name).Add(server).OrderBy(one => one.Name)] };
            state = Decide(state, command, known is null ? $"{spec.Name} is added" : $"{spec.Name} is declared anew", $"declared by {command.Node}: {spec.Host}:{spec.Port.ToString(CultureInfo.InvariantCulture)}{(spec.IsWatched ? ", only watched" : "")}");
        }

        return state;
    }

    /// <summary>Why a node's server can't be of the cluster; null when it can. Locks on accounts, and whom a replica follows, are told by server ids and addresses.</summary>
    public static string? Obstacle(ClusterState state, NodeName node, ServerSpec spec)
    {
        if (state.FindRemoved(spec.Name) is not null)
            return "was removed from the cluster";
        if (spec.IsWatched && state.Level < 2)
            return "is only watched, which not all nodes know yet: upgrade them";
        var known = state.Find(spec.Name);
        if (known is { Report.Status: ServerStatus.Up } && known.Node != node)
            return $"{spec.Name} is a server of {known.Node}, and up";
        if (known is null && state.Servers.Length >= ClusterState.ServersMax)
            return $"there are {ClusterState.ServersMax} servers already";
        foreach (var other in state.Servers.Where(other => other.Name != spec.Name))
        {
            if (other.Spec.ServerId == spec.ServerId)
                return $"{other.Name} has the server id {spec.ServerId.ToString(CultureInfo.InvariantCulture)} too";
            if (other.Spec.Host == spec.Host && other.Spec.Port == spec.Port)
                return $"{other.Name} has the address {spec.Host}:{spec.Port.ToString(CultureInfo.InvariantCulture)} too";
        }

        return null;
    }

    private static bool Follows(ClusterState state, ServerReport report)
        => state.Epoch is { } epoch && report.IsReceiving && report.Source == epoch.Primary && report.Epoch == epoch.Number;

    private static ClusterState TakeOrder(ClusterState state, GiveOrder command)
    {
        if (state.Order is { } open)
            return Decide(state, command, $"the order to {Words(command.Order)} is refused", $"the order to {Words(open)} is not done");
        var order = command.Order with { Number = state.LastOrder + 1, Cause = state.Level >= 2 ? command.Order.Cause : null };
        return Decide(state with { Order = order, LastOrder = order.Number }, command, $"ordered: {Words(order)}", order.EffectiveCause);
    }

    private static ClusterState Change(ClusterState state, ServerName name, Func<ServerState, ServerState> change)
        => state.Find(name) is { } server ? state with { Servers = state.Servers.Replace(server, change(server)) } : state;

    private static ClusterState Decide(ClusterState state, ClusterCommand command, string what, string why)
    {
        var decision = new Decision { Number = state.LastDecision + 1, AtMs = command.AtMs, Epoch = state.LastEpoch, What = what, Why = why, Seen = Seen(state) };
        var kept = state.History.Length < ClusterState.HistoryMax ? state.History : state.History.RemoveAt(0);
        return state with { History = kept.Add(decision), LastDecision = decision.Number };
    }

    private static string Seen(ClusterState state) => string.Join("; ", state.Servers.Select(server => server.Report switch
    {
        { Status: ServerStatus.Up, Source: { } source } report => $"{server.Name} up, has {report.Received} of {source}",
        { Status: ServerStatus.Up } report => $"{server.Name} up, has {report.Logged}",
        var report => $"{server.Name} {report.Status.ToString().ToLowerInvariant()}",
    }));

    private static string Words(Order order)
    {
        var what = order.Kind == OrderKind.Switchover ? "switch over" : "fail over";
        return $"{what}{(order.To is { } to ? $" to {to}" : "")}{(order.IsForced ? ", whatever is lost" : "")}";
    }

    private static string OnOff(bool isOn) => isOn ? "on" : "off";

    private static string Words(IEnumerable<ServerName> servers) => string.Join(", ", servers) is { Length: > 0 } names ? names : "nobody";
}
