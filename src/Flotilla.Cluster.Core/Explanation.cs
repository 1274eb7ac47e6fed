using System.Collections.Immutable;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>
/// What would happen if a server were lost, host and all: the same functions decide that would decide then, on what was last reported.
/// </summary>
public static class Explanation
{
    /// <summary>A few sentences for people, first what would become of writes.</summary>
    public static IReadOnlyList<string> IfLost(ClusterState state, NodeView view, CoordinatorNotes notes, AgentOptions options, ServerName lost, long nowNs)
    {
        if (state.Find(lost) is not { } server)
            return [$"{lost} is no server of the cluster"];
        if (state.Epoch is not { } epoch)
            return ["there was never a primary: nothing would change"];
        if (state.Plan is { } plan)
            return [$"a {plan.Kind.ToString().ToLowerInvariant()} is on its way ({plan.Phase}): {plan.Cause}", Coordinator.Next(state, view, notes, AsCoordinator(view, options), nowNs).Reason];
        return epoch.Primary == lost ? PrimaryLost(state, view, notes, options, server, epoch, nowNs) : ReplicaLost(state, view, notes, options, server, epoch, nowNs);
    }

    private static AgentOptions AsCoordinator(NodeView view, AgentOptions options) => options with { Node = view.Coordinator ?? options.Node };

    private static List<string> PrimaryLost(ClusterState state, NodeView view, CoordinatorNotes notes, AgentOptions options, ServerState server, EpochState epoch, long nowNs)
    {
        var rest = Without(view, server.Node);
        if (2 * rest.Members.Length <= view.Members.Length && view.Members.Length > 1)
            return [$"no primary: with {server.Node} gone the group might have no majority"];
        var down = state.Apply(new PrimaryDown(server.Name, epoch.Number, "it is lost"));
        var asked = AsCoordinator(rest, options);
        var first = Coordinator.Next(down, rest, Since(notes, options, epoch, nowNs), asked, nowNs);
        if (first.Command is not BeginPlan { Kind: PlanKind.Failover } begin)
            return [$"no primary until {server.Name} is back: {first.Reason}"];
        var collected = down.Apply(begin);
        foreach (var other in state.Servers)
        {
            if (other.Name != server.Name && rest.Has(other.Node) && other.Report.Status == ServerStatus.Up)
                collected = collected.Apply(new TellPosition(begin.Plan, other.Name, other.Report.Applied.Join(other.Report.Received) ?? other.Report.Applied));
        }

        var next = Coordinator.Next(collected, rest, Since(notes, options, epoch, nowNs), asked, nowNs);
        return next.Command is ChooseCandidate choice
            ? [$"{choice.Candidate} would be primary of epoch {begin.Epoch}", choice.Why, .. Lost(choice.Missing)]
            : [$"no primary: {next.Reason}"];
    }

    private static List<string> ReplicaLost(ClusterState state, NodeView view, CoordinatorNotes notes, AgentOptions options, ServerState server, EpochState epoch, long nowNs)
    {
        var all = new CoordinatorView(state, view, notes, options, nowNs);
        var others = all.Receiving.Where(name => name != server.Name).ToList();
        if (!epoch.Ackers.Contains(server.Name))
            return ["writes go on: it acknowledges nothing"];
        if (others.Count > 0)
            return [$"writes go on: {string.Join(", ", others)} acknowledge; {server.Name} is locked out after a while, and need not be asked in a failover then"];
        return state.Policy.Loss == LossPolicy.Available
            ? ["writes wait for a while, then go on without acknowledgements: only the primary would have them"]
            : ["writes wait until somebody acknowledges again"];
    }

    private static IEnumerable<string> Lost(ImmutableArray<ServerName> missing)
        => missing.IsEmpty ? [] : [$"what only {string.Join(", ", missing)} have would be lost"];

    private static NodeView Without(NodeView view, NodeName node) => new(view.Members.Remove(node));

    private static CoordinatorNotes Since(CoordinatorNotes notes, AgentOptions options, EpochState epoch, long nowNs)
        => notes with { KeepAliveNs = nowNs - options.LeaseEndNs(epoch.LeaseNs), PhaseSinceNs = nowNs, ProgressNs = nowNs };
}
