using System.Collections.Immutable;
using Flotilla.Cluster.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Cluster;

/// <summary>What one seed's cluster is like.</summary>
public sealed record ClusterParameters
{
    public required ulong Seed { get; init; }

    public required int Nodes { get; init; }

    /// <summary>Nothing goes wrong: nothing may happen either.</summary>
    public required bool IsCalm { get; init; }

    public required LossPolicy Loss { get; init; }

    public required int FlapWindowSeconds { get; init; }

    public required ImmutableArray<ServerPriority> Priorities { get; init; }

    /// <summary>Between two transactions that a replica applies.</summary>
    public required int ApplyUs { get; init; }

    public required int CommitUs { get; init; }

    public required int LinkUs { get; init; }

    /// <summary>A host to and from which everything takes longer, by up to so much.</summary>
    public required int SlowHost { get; init; }

    public required int SlowUs { get; init; }

    public required int Clients { get; init; }

    public required int Faults { get; init; }

    public required long FaultsEndNs { get; init; }

    public required long EndNs { get; init; }

    public static ClusterParameters Draw(ulong seed)
    {
        var random = new SeededRandom((seed + 1) * 0x9E3779B97F4A7C15);
        random.NextUInt64();
        var nodes = random.OneIn(4) ? 5 : random.OneIn(8) ? 4 : 3;
        var isCalm = random.OneIn(16);
        return new ClusterParameters
        {
            Seed = seed,
            Nodes = nodes,
            IsCalm = isCalm,
            Loss = random.OneIn(3) ? LossPolicy.Available : LossPolicy.Strict,
            FlapWindowSeconds = random.OneIn(3) ? 15 : 0,
            Priorities = [.. Enumerable.Range(0, nodes).Select(i => i > 1 && random.OneIn(6) ? ServerPriority.Never : random.OneIn(4) ? ServerPriority.Prefer : ServerPriority.Normal)],
            ApplyUs = random.OneIn(3) ? random.Next(1_000, 6_000) : random.Next(50, 1_000),
            CommitUs = random.OneIn(3) ? random.Next(5_000, 40_000) : random.Next(300, 3_000),
            LinkUs = random.OneIn(3) ? random.Next(1_000, 10_000) : random.Next(50, 500),
            SlowHost = random.Next(nodes),
            SlowUs = random.OneIn(2) ? random.Next(100_000, 700_000) : 0,
            Clients = random.Next(1, 4),
            Faults = isCalm ? 0 : random.Next(1, 10),
            FaultsEndNs = 40_000_000_000,
            EndNs = 85_000_000_000,
        };
    }
}
