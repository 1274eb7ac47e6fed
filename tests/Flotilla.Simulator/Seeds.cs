extern alias planted;

using Flotilla.Simulation.Groups;

namespace Flotilla.Simulator;

/// <summary>Runs a seed: as the core ships, or with a bug in it.</summary>
internal static class Seeds
{
    public static SeedReport Run(ulong seed, IReadOnlySet<int> mask, string? bug, bool isJudged = true)
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
