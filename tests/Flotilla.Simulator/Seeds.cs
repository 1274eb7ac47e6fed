extern alias planted;

using Flotilla.Simulation.Cluster;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulator;

/// <summary>Runs a seed: as the core ships, or with a bug in it.</summary>
internal static class Seeds
{
    public static SeedReport Run(bool isCluster, ulong seed, IReadOnlySet<int> mask, string? bug, bool isJudged = true)
        => isCluster ? RunCluster(seed, mask, bug) : RunGroups(seed, mask, bug, isJudged);

    private static SeedReport RunCluster(ulong seed, IReadOnlySet<int> mask, string? bug)
    {
        if (bug is null)
        {
            var run = ClusterWorld.Run(seed, mask);
            return new SeedReport(seed, run.Hash, run.Events, run.VirtualNs, run.Parameters.ToString(), run.Violations, [.. run.Plan.Select(fault => fault.ToString())], run.Fired, count => run.Trace.Skip(Math.Max(0, run.Trace.Count - count)));
        }

        var broken = planted::Flotilla.Simulation.Cluster.ClusterWorld.Run(seed, mask, bug);
        return new SeedReport(seed, broken.Hash, broken.Events, broken.VirtualNs, broken.Parameters.ToString(), broken.Violations, [.. broken.Plan.Select(fault => fault.ToString())], broken.Fired, count => broken.Trace.Skip(Math.Max(0, broken.Trace.Count - count)));
    }

    private static SeedReport RunGroups(ulong seed, IReadOnlySet<int> mask, string? bug, bool isJudged)
    {
        if (bug is null)
        {
            var run = GroupWorld.Run(seed, new RunOptions { MaskedFaults = mask, IsJudged = isJudged });
            return new SeedReport(seed, run.EffectHash, run.Events, run.VirtualNs, run.Parameters.ToString(), [.. run.Violations.Select(violation => violation.ToString())], [.. run.Plan.Select(fault => fault.ToString())], run.Fired, run.Trace.Tail);
        }

        var broken = planted::Flotilla.Simulation.Groups.GroupWorld.Run(seed, new planted::Flotilla.Simulation.Groups.RunOptions { MaskedFaults = mask, PlantedBug = bug, IsJudged = isJudged });
        return new SeedReport(seed, broken.EffectHash, broken.Events, broken.VirtualNs, broken.Parameters.ToString(), [.. broken.Violations.Select(violation => violation.ToString())], [.. broken.Plan.Select(fault => fault.ToString())], broken.Fired, broken.Trace.Tail);
    }
}
