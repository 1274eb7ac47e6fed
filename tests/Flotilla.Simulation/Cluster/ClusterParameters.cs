using System.Collections.Immutable;
using Flotilla.Cluster.Core;
using Flotilla.Primitives;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Cluster;

/// <summary>What one seed's cluster is like.</summary>
public sealed record ClusterParameters : NodeParameters
{
    private const long Ms = 1_000_000;

    /// <summary>From this seed on servers are MySQL's.</summary>
    public const ulong FirstMySqlSeed = 1_000_000;

    public required ServerKind Kind { get; init; }

    /// <summary>Hosts with a server; the others only vote.</summary>
    public required int Servers { get; init; }

    /// <summary>Nothing goes wrong: nothing may happen either.</summary>
    public required bool IsCalm { get; init; }

    public required LossPolicy Loss { get; init; }

    public required int FlapWindowSeconds { get; init; }

    public required ImmutableArray<ServerPriority> Priorities { get; init; }

    /// <summary>The host whose server is only watched; -1 for none.</summary>
    public required int Watched { get; init; }

    /// <summary>Between two transactions that a replica applies.</summary>
    public required int ApplyUs { get; init; }

    public required int LinkUs { get; init; }

    /// <summary>A host to and from which what is replicated takes longer, by up to so much.</summary>
    public required int SlowHost { get; init; }

    public required int SlowUs { get; init; }

    public required int Clients { get; init; }

    public required int Faults { get; init; }

    public required long FaultsEndNs { get; init; }

    /// <summary>All is healed then, and from then on nobody helps.</summary>
    public required long HealNs { get; init; }

    /// <summary>It has to be well then; where it is well before that, the run ends before.</summary>
    public required long EndNs { get; init; }

    public static ClusterParameters Draw(ulong seed)
    {
        var random = new SeededRandom((seed + 1) * 0x9E3779B97F4A7C15);
        random.NextUInt64();
        var nodes = random.OneIn(5) ? 5 : random.OneIn(8) ? 4 : 3;
        var hasWitness = nodes == 3 && random.OneIn(8);
        var isCalm = random.OneIn(16);
        var isShipped = random.OneIn(4);
        var linkUs = random.OneIn(3) ? random.Next(1_000, 10_000) : random.Next(50, 500);
        return new ClusterParameters
        {
            Seed = seed,
            Kind = seed < FirstMySqlSeed ? ServerKind.MariaDb : ServerKind.MySql,
            Nodes = nodes,
            Founders = nodes,
            Servers = hasWitness ? 2 : nodes,
            IsStream = true,
            TickNs = isShipped ? 10 * Ms : random.Next(3, 6) * 10 * Ms,
            HeartbeatNs = isShipped ? 50 * Ms : 100 * Ms,
            SuspectNs = 600 * Ms,
            LeaseNs = 1_000 * Ms,
            MaxVoters = 5,
            Weights = [.. Enumerable.Repeat(1, nodes)],
            MinDelayNs = linkUs * 1_000L,
            MeanDelayNs = linkUs * 500L,
            LossPpm = random.OneIn(2) ? 0 : random.Next(isCalm ? 1_000 : 10_000),
            DuplicatePpm = 0,
            ReorderPpm = 0,
            PathTimeoutNs = random.Next(500, 8_000) * Ms,
            WriteNs = random.Next(5, 100) * 1_000,
            FlushNs = random.OneIn(4) ? random.Next(1, 30) * Ms : random.Next(50, 1_000) * 1_000,
            LazyFlushNs = random.Next(1, 300) * Ms,
            WorkNs = 50 * Ms,
            ClockPpm = 450,
            IsCalm = isCalm,
            Loss = random.OneIn(3) ? LossPolicy.Available : LossPolicy.Strict,
            FlapWindowSeconds = random.OneIn(3) ? 15 : 0,
            Priorities = [.. Enumerable.Range(0, nodes).Select(i => i > 1 && random.OneIn(6) ? ServerPriority.Never : random.OneIn(4) ? ServerPriority.Prefer : ServerPriority.Normal)],
            Watched = seed % 8 == 3 ? (hasWitness ? 2 : nodes) - 1 : -1,
            ApplyUs = random.OneIn(3) ? random.Next(1_000, 6_000) : random.Next(50, 1_000),
            LinkUs = linkUs,
            SlowHost = random.Next(nodes),
            SlowUs = random.OneIn(2) ? random.Next(100_000, 700_000) : 0,
            Clients = random.Next(1, 4),
            Faults = isCalm ? 0 : random.Next(1, 10),
            FaultsEndNs = 26_000 * Ms,
            HealNs = 32_000 * Ms,
            EndNs = 80_000 * Ms,
        };
    }
}
