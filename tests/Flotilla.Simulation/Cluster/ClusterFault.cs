using Flotilla.Primitives;

namespace Flotilla.Simulation.Cluster;

/// <summary>Something that goes wrong at a time. Drawn before the run, so that leaving one out leaves the others as they are.</summary>
public sealed record ClusterFault(long AtNs, ClusterFaultKind Kind, int Host, int Other, long DurationNs)
{
    private static readonly ClusterFaultKind[] Kinds = Enum.GetValues<ClusterFaultKind>();

    public override string ToString() => $"{AtNs / 1_000_000} ms {Kind} h{Host} h{Other} for {DurationNs / 1_000_000} ms";

    internal static ClusterFault[] Plan(ClusterParameters parameters, SeededRandom random)
    {
        var plan = new ClusterFault[parameters.Faults];
        var at = 6_000_000_000L;
        for (var i = 0; i < plan.Length; i++)
        {
            // Half of them come while the one before is not over.
            at += random.OneIn(2) ? random.Next(1, 3_000) * 1_000_000L : random.Next(1_000, 12_000) * 1_000_000L;
            at = Math.Min(at, parameters.FaultsEndNs - 1);
            var host = random.Next(parameters.Nodes);
            var duration = random.OneIn(3) ? random.Next(50, 1_500) : random.Next(500, 12_000);
            var kind = Kinds[random.Next(Kinds.Length)];
            if (kind == ClusterFaultKind.ForcedFailover && !random.OneIn(4))
                kind = ClusterFaultKind.KillPrimary;
            if (kind is ClusterFaultKind.Maintenance or ClusterFaultKind.CutLink && random.OneIn(3))
                kind = ClusterFaultKind.KillAllPrimaryLate;
            if (kind == ClusterFaultKind.Failover && random.OneIn(2))
                kind = ClusterFaultKind.KillPrimaryAtTakeAway;
            plan[i] = new ClusterFault(at, kind, host, (host + 1 + random.Next(parameters.Nodes - 1)) % parameters.Nodes, duration * 1_000_000L);
        }

        return plan;
    }
}
