using Flotilla.Simulation.Groups.Checks;

namespace Flotilla.Simulation.Groups;

/// <summary>Holds a trace against every promise of group communication; see docs/design/groups-simulation.md.</summary>
public static class Checker
{
    private static readonly Check[] All =
    [
        new DefectCheck(),
        new I1ViewOrder(), new I2SelfInclusion(), new I3MonotoneEpochs(), new I4InitialView(),
        new I5SameView(), new I6VirtualSynchrony(), new I7TotalOrder(), new I8CausalOrder(), new I9Integrity(), new I10SelfDelivery(),
        new I11Uniformity(), new I12Durability(), new I13Optimistic(),
        new I14PrimaryUniqueness(), new I15QuorumIntersection(),
        new I16CheckpointConsistency(), new I17ForeignState(), new I18Flush(), new I19Query(), new I20Locks(),
        new L1Convergence(), new L2Termination(), new L3Joins(), new L4NoNeedlessEviction(), new L5BoundedGap(), new L6NoLivelock(), new L7BoundedMemory(),
    ];

    /// <summary>The names of all promises, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(check => check.Name)];

    /// <summary>What the trace breaks; at most a few violations of each promise. Empty when nothing is broken.</summary>
    public static IReadOnlyList<Violation> Check(Trace trace)
    {
        var found = new List<Violation>();
        foreach (var cluster in ClusterTraces.Of(trace))
        {
            var index = new TraceIndex(cluster);
            foreach (var check in All)
                check.Run(index, found);
        }

        return found;
    }
}
