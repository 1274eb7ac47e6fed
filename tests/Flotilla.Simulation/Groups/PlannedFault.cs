using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>Something that goes wrong at a time. Drawn before the run, so that leaving one out leaves the others as they are.</summary>
public sealed record PlannedFault(long AtNs, FaultKind Kind, int Node, int Other, long DurationNs, uint Draw)
{
    private static readonly FaultKind[] Calm = [FaultKind.SingleLink, FaultKind.SingleDirection, FaultKind.ShortPause, FaultKind.Flapping];
    private static readonly FaultKind[] Harsh =
    [
        FaultKind.Kill, FaultKind.PowerFailure, FaultKind.PowerFailure, FaultKind.PowerFailureOfAll, FaultKind.KillSequencer, FaultKind.KillSequencer, FaultKind.Halves,
        FaultKind.Isolate, FaultKind.Isolate, FaultKind.OneWay, FaultKind.Clog, FaultKind.Wipe, FaultKind.SlowLink, FaultKind.Loss, FaultKind.Stop,
    ];

    private static readonly FaultKind[] All = [.. Enum.GetValues<FaultKind>().Where(kind => kind <= FaultKind.SlowProcess)];

    /// <summary>What may happen beside a storyline without spoiling it.</summary>
    private static readonly FaultKind[] Slight = [FaultKind.ShortPause, FaultKind.Reset, FaultKind.ClockRate];

    public override string ToString()
        => $"{AtNs / 1_000_000} ms {Kind} p{Node} p{Other} for {DurationNs / 1_000_000} ms";

    /// <summary>Draws a world's plan.</summary>
    public static PlannedFault[] Plan(WorldParameters parameters, SeededRandom random)
    {
        if (parameters.Storyline is { } story)
            return Plan(story, parameters, random);
        var kinds = parameters.IsSpecial ? parameters.Nodes == 2 ? SpecialWorlds.KindsOfTwo : SpecialWorlds.Kinds : parameters.IsCalm ? Calm : parameters.IsHarsh ? Harsh : All;
        var plan = new PlannedFault[parameters.Faults];
        for (var i = 0; i < plan.Length; i++)
        {
            var kind = kinds[random.Next(kinds.Length)];
            if (kind == FaultKind.ClockRateBeyondBound && !random.OneIn(4))
                kind = FaultKind.ClockRate;
            var node = random.Next(parameters.Nodes);
            var other = (node + 1 + random.Next(parameters.Nodes - 1)) % parameters.Nodes;
            var at = 3_000_000_000 + (long)(random.NextUInt64() % (ulong)(parameters.SafetyNs - 4_000_000_000));
            if (parameters.IsHarsh && i % 4 != 0)
                at = Math.Min(plan[i - 1].AtNs + (random.Next(1, 1_500) * 1_000_000L), parameters.SafetyNs);
            plan[i] = new PlannedFault(at, kind, node, other, Duration(kind, parameters, random), (uint)random.NextUInt64());
        }

        Array.Sort(plan, (left, right) => left.AtNs.CompareTo(right.AtNs));
        if (parameters.IsCalm)
            OneAfterTheOther(plan);
        return plan;
    }

    // The same storyline again and again: its moments come or not.
    private static PlannedFault[] Plan(FaultKind story, WorldParameters parameters, SeededRandom random)
    {
        var plan = new PlannedFault[parameters.Faults];
        for (var i = 0; i < plan.Length; i++)
        {
            var kind = i < WorldParameters.Tellings ? story : Slight[random.Next(Slight.Length)];
            var at = i < WorldParameters.Tellings ? 4_000_000_000 + (i * 12_500_000_000) : 3_000_000_000 + (long)(random.NextUInt64() % (ulong)(parameters.SafetyNs - 4_000_000_000));
            var (node, other) = (random.Next(parameters.Nodes), 1 + random.Next(parameters.Nodes - 1));
            plan[i] = new PlannedFault(at, kind, node, (node + other) % parameters.Nodes, Duration(kind, parameters, random), (uint)random.NextUInt64());
        }

        Array.Sort(plan, (left, right) => left.AtNs.CompareTo(right.AtNs));
        return plan;
    }

    // Two cuts at once may part a node from all others: then it has to go.
    private static void OneAfterTheOther(PlannedFault[] plan)
    {
        for (var i = 0; i + 1 < plan.Length; i++)
        {
            var room = plan[i + 1].AtNs - plan[i].AtNs - 1_500_000_000;
            plan[i] = plan[i] with { DurationNs = Math.Max(1, Math.Min(plan[i].DurationNs, room)) };
        }
    }

    private static long Duration(FaultKind kind, WorldParameters parameters, SeededRandom random)
    {
        const long ms = 1_000_000;
        return kind switch
        {
            FaultKind.ShortPause => random.Next(1, (int)(parameters.SuspectNs / 3 / ms)) * ms,
            FaultKind.Pause => random.Next((int)(parameters.SuspectNs / 2 / ms), 10_000) * ms,
            FaultKind.Clog or FaultKind.DiskStall => random.Next(50, 6_000) * ms,
            FaultKind.KillAll or FaultKind.PowerFailureOfAll => random.Next(1, 3_000) * ms,
            >= FaultKind.WipedVoterReturns => 11_500 * ms,
            _ => random.OneIn(3) ? random.Next(1, 1_500) * ms : random.Next(500, 12_000) * ms,
        };
    }
}
