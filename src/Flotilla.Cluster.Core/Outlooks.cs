using System.Globalization;

namespace Flotilla.Cluster.Core;

/// <summary>
/// Whether what a person wants is refused, and what follows from it. The state machine looks once more at what must hold when it applies the command; here is decided what is unwise.
/// </summary>
public static class Outlooks
{
    /// <summary>Takes a server out for good.</summary>
    public static Outlook Remove(ClusterState state, NodeView view, ServerName name, bool isForced)
    {
        if (state.Find(name) is not { } server)
            return Outlook.Refuse(Unknown(state, name));
        if (state.Epoch?.Primary == name)
            return Outlook.Refuse($"{name} is primary: make another one primary first, by a switchover");
        if (state.Plan is { } plan)
            return Outlook.Refuse(UnderWay(plan));
        var isWitness = state.Epoch?.Witnesses.Contains(name) == true;
        var others = Others(state, view, name);
        if (isWitness && others.Count == 0 && !isForced)
            return Outlook.Refuse($"nobody else acknowledges what {state.Epoch!.Primary} commits: add another server first, or have {name} go on, by force, until another one does");
        return Outlook.Of(
            server.IsLeaving ? $"{name} is being removed already" : null,
            !isWitness ? null : others.Count == 0 ? $"{name} goes on acknowledging until another server does, and is removed then" : $"{name} is locked out; {Words(others)} acknowledge{(others.Count == 1 ? "s" : "")}",
            isWitness && others.Count == 1 ? $"when {others[0]} fails too, {Unacknowledged(state)}" : null,
            $"its process goes on, read-only, and node {server.Node} leaves it alone until it is added again");
    }

    /// <summary>Takes a server back that was taken out, or is about to be.</summary>
    public static Outlook Add(ClusterState state, NodeView view, ServerName name)
    {
        if (state.Find(name) is { } server)
            return server.IsLeaving ? Outlook.Of($"{name} stays") : Outlook.Refuse($"{name} is in the cluster already");
        if (state.FindRemoved(name) is not { } removed)
            return Outlook.Refuse(Unknown(state, name));
        return Outlook.Of(
            view.Has(removed.Node) ? $"{removed.Node} declares {name} again" : $"{removed.Node} declares {name} again when it is back in the group: now it is not",
            "what it has and the cluster has not is saved to a file and taken away, then it follows");
    }

    /// <summary>Fills a server anew.</summary>
    public static Outlook Reprovision(ClusterState state, NodeView view, ServerName name)
    {
        if (state.Find(name) is not { } server)
            return Outlook.Refuse(Unknown(state, name));
        if (state.Epoch?.Primary == name)
            return Outlook.Refuse($"{name} is primary: make another one primary first, by a switchover");
        if (server.IsToBeProvisioned)
            return Outlook.Of($"{name} is being filled anew already");
        if (state.Plan is { } plan)
            return Outlook.Refuse(UnderWay(plan));
        if (!state.IsEpochLive)
            return Outlook.Refuse("there is no primary");
        if (Obstacle(server, view) is { } obstacle)
            return Outlook.Refuse(obstacle);
        if (ServerPlan.Donor(state, name) is not { } donor)
            return Outlook.Refuse("no server is well enough to give what it has");
        var others = Others(state, view, name);
        if (state.Epoch!.Witnesses.Contains(name) && others.Count == 0 && state.Epoch.Durability != Durability.Degraded)
            return Outlook.Refuse($"{name} may have to be asked: nobody else acknowledges what {state.Epoch.Primary} commits");
        return Outlook.Of(
            others.Count > 0 ? $"{name} is locked out; {Words(others)} acknowledge{(others.Count == 1 ? "s" : "")}" : null,
            $"what {name} has and the cluster has not is saved to a file",
            server.Spec.IsWatched
                ? $"then it waits for you, as it is only watched: stop it, fill it from a backup of {donor}, and start it; it follows {state.Epoch.Primary} again"
                : $"it is filled anew from {donor}, and follows {state.Epoch.Primary} then");
    }

    /// <summary>Another policy.</summary>
    public static Outlook SetPolicy(ClusterState state, ClusterPolicy policy)
    {
        var now = state.Policy;
        return Outlook.Of(
            now == policy ? "nothing changes" : null,
            now.Loss == policy.Loss ? null : policy.Loss == LossPolicy.Strict ? "commits wait as long as nobody acknowledges them" : "commits go on without acknowledgements after a while, and may be lost with the primary",
            now.Divergence == policy.Divergence ? null : policy.Divergence switch
            {
                DivergencePolicy.FlashBack => "what a server has too much is taken back where it can be, else the server is filled anew",
                DivergencePolicy.Provision => "a server that has too much is filled anew",
                DivergencePolicy.Wait => "a server that has too much waits for a person",
                _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, null),
            },
            now.FlapWindowSeconds == policy.FlapWindowSeconds ? null : policy.FlapWindowSeconds == 0 ? "failovers may follow one another at once"
                : $"a second failover within {policy.FlapWindowSeconds.ToString(CultureInfo.InvariantCulture)} s needs a person");
    }

    /// <summary>People begin, or end, to work on a server.</summary>
    public static Outlook SetMaintenance(ClusterState state, NodeView view, ServerName name, bool isOn)
    {
        if (state.Find(name) is not { } server)
            return Outlook.Refuse(Unknown(state, name));
        if (server.IsInMaintenance == isOn)
            return Outlook.Of("nothing changes");
        if (!isOn)
            return Outlook.Of(server.Spec.IsWatched ? $"{name} acknowledges again" : $"{name} is started, followed and replaced as any other");
        var others = Others(state, view, name);
        return Outlook.Of(
            state.Epoch?.Primary == name ? "nobody is made primary instead when it fails" : server.Spec.IsWatched ? null : "it is not made primary",
            server.Spec.IsWatched ? null : "nobody starts or kills it",
            state.Epoch?.Witnesses.Contains(name) != true ? null
                : others.Count > 0 ? $"commits need not wait for it; {Words(others)} acknowledge{(others.Count == 1 ? "s" : "")}" : $"nobody else acknowledges: when it is stopped, {Unacknowledged(state)}");
    }

    /// <summary>Nothing, or all again, is done by itself.</summary>
    public static Outlook SetPause(ClusterState state, bool isOn) => Outlook.Of(
        state.IsPaused == isOn ? "nothing changes"
        : isOn ? "nothing is begun, started, killed or degraded but what a person orders; a primary without a majority still ends" : "the cluster decides by itself again");

    /// <summary>That there is no such server, and which there are.</summary>
    public static string Unknown(ClusterState state, ServerName name)
        => state.FindRemoved(name) is not null ? $"{name} was removed from the cluster; it can be added again" : $"there is no server {name}; there {(state.Servers.IsEmpty ? "is none" : $"are {Words(state.Servers.Select(server => server.Name))}")}";

    private static string? Obstacle(ServerState server, NodeView view)
    {
        if (server.Spec.Kind != ServerKind.MariaDb)
            return "only a MariaDB server can be filled anew";
        if (server.IsLeaving)
            return $"{server.Name} is being removed";
        if (server.IsInMaintenance)
            return $"{server.Name} is in maintenance";
        if (!view.Has(server.Node))
            return $"its node {server.Node} is gone";
        return server.Report.Status == ServerStatus.Up ? null : $"{server.Name} is {server.Report.Status.ToString().ToLowerInvariant()}: what it has too much must be read before";
    }

    private static List<ServerName> Others(ClusterState state, NodeView view, ServerName name)
        => [.. Evidence.Acknowledging(state, view).Where(acker => acker != name && state.Find(acker) is { IsInMaintenance: false, IsLeaving: false, IsToBeProvisioned: false })];

    private static string Unacknowledged(ClusterState state) => state.Policy.Loss == LossPolicy.Strict ? "commits wait" : "commits go on without acknowledgements after a while";

    private static string UnderWay(Plan plan) => $"a {plan.Kind.ToString().ToLowerInvariant()} is on its way: {plan.Cause}";

    private static string Words(IEnumerable<ServerName> names) => string.Join(", ", names);
}
