using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>What one seed's world is like. Each seed draws its own: what never meets in one mixture meets in another.</summary>
public sealed record WorldParameters : NodeParameters
{
    private const long Ms = 1_000_000;

    /// <summary>Of the seeds before one in ten is harsh, from here on all are.</summary>
    public const ulong FirstHarshSeed = 1_000_000;

    /// <summary>How often a world tells its storyline.</summary>
    public const int Tellings = 3;

    /// <summary>Of so many seeds one has a storyline, in turn.</summary>
    private const ulong SeedsPerStoryline = 8;

    private const ulong Storylines = FaultKind.FetchedAfterSeal - FaultKind.WipedVoterReturns + 1;

    /// <summary>And from here on special; see <see cref="SpecialWorlds"/>.</summary>
    public const ulong FirstSpecialSeed = 2_000_000;

    /// <summary>Few nodes, slow flushes, and crashes and cuts one upon the other: what hides behind two or three failures at once.</summary>
    public required bool IsHarsh { get; init; }

    /// <summary>The chain of failures that this world tells; null in most, whose faults know nothing of one another.</summary>
    public FaultKind? Storyline { get; init; }

    /// <summary>What the other worlds lack; see <see cref="SpecialWorlds"/>.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Who decides when exactly half of the votes are there.</summary>
    public TieRule Tie { get; init; }

    /// <summary>Only what nobody may be removed for goes wrong.</summary>
    public required bool IsCalm { get; init; }

    public required int MessageBytesMax { get; init; }

    public required int CheckpointBytesMax { get; init; }

    public required int Groups { get; init; }

    /// <summary>External clients.</summary>
    public required int Clients { get; init; }

    public required long SafetyNs { get; init; }

    public required long LivenessNs { get; init; }

    public required int Faults { get; init; }

    public static WorldParameters Draw(ulong seed)
    {
        var random = new SeededRandom(Mix(seed));
        var isSpecial = seed >= FirstSpecialSeed;
        var isHarsh = !isSpecial && (seed >= FirstHarshSeed || new SeededRandom(Mix(~seed)).OneIn(10));
        var isLarge = random.OneIn(50) && !isHarsh && !isSpecial;
        var isCalm = !isLarge && random.OneIn(10) && !isHarsh && !isSpecial;
        var nodes = isLarge ? 50 : isHarsh ? random.Next(3, 6) : random.Next(3, 8);
        var heartbeat = isCalm ? 50 * Ms : isLarge ? 500 * Ms : random.Next(10, 31) * 10 * Ms;
        var suspect = isCalm ? 600 * Ms : heartbeat * random.Next(4, 11);
        var isStream = random.OneIn(2);
        var isSlow = !isCalm && random.OneIn(4);
        var drawn = new WorldParameters
        {
            Seed = seed,
            Nodes = nodes,
            Founders = isLarge ? 5 : random.OneIn(3) ? random.Next(Math.Min(3, nodes), nodes + 1) : nodes,
            IsStream = isStream,
            IsCalm = isCalm,
            IsHarsh = isHarsh,
            TickNs = isCalm ? 10 * Ms : isLarge ? 100 * Ms : Math.Min(heartbeat, random.Next(2, 11) * 10 * Ms),
            HeartbeatNs = heartbeat,
            SuspectNs = suspect,
            LeaseNs = isCalm ? 1000 * Ms : suspect * random.Next(10, 20) / 10,
            MaxVoters = random.OneIn(4) ? 3 : random.OneIn(6) ? 7 : 5,
            Weights = [.. Enumerable.Range(0, nodes).Select(_ => random.OneIn(8) ? random.Next(1, 4) : 1)],
            MinDelayNs = isSlow ? random.Next(1, 10) * Ms : random.Next(20, 500) * 1000,
            MeanDelayNs = isSlow ? random.Next(1, 10) * Ms : random.Next(10, 1000) * 1000,
            LossPpm = random.OneIn(2) ? 0 : random.Next(!isCalm ? 100_000 : isStream ? 2_000 : 20_000),
            DuplicatePpm = random.OneIn(2) ? 0 : random.Next(100_000),
            ReorderPpm = random.OneIn(2) ? 0 : random.Next(200_000),
            PathTimeoutNs = random.Next(500, 12_000) * Ms,
            WriteNs = random.Next(5, 100) * 1000,
            FlushNs = isHarsh ? random.Next(5, 400) * Ms : random.OneIn(4) ? random.Next(1, 30) * Ms : random.Next(50, 1000) * 1000,
            LazyFlushNs = isHarsh ? random.Next(100, 4_000) * Ms : random.Next(1, 500) * Ms,
            WorkNs = isLarge ? 2_000 * Ms : isCalm ? 50 * Ms : random.Next(60, 400) * Ms,
            MessageBytesMax = random.OneIn(10) ? 20_000 : 200,
            CheckpointBytesMax = random.OneIn(20) ? 2_000_000 : random.OneIn(4) ? 200_000 : 2_000,
            Groups = random.Next(1, 4),
            Clients = isCalm || random.OneIn(2) ? 0 : random.Next(1, 4),
            ClockPpm = random.OneIn(2) ? 0 : 500,
            SafetyNs = 42_000 * Ms,
            LivenessNs = 24_000 * Ms,
            Faults = isHarsh ? random.Next(12, 30) : random.Next(5, isCalm ? 9 : 15),
        };
        if (isSpecial)
            return SpecialWorlds.Draw(drawn, random);
        return seed < FirstHarshSeed && seed % SeedsPerStoryline == 0 ? drawn.For(FaultKind.WipedVoterReturns + (byte)(seed / SeedsPerStoryline % Storylines), random) : drawn;
    }

    /// <summary>As many nodes as a storyline has parts, quick to suspect, and nothing else that would spoil it.</summary>
    private WorldParameters For(FaultKind storyline, SeededRandom random)
    {
        var nodes = storyline is FaultKind.LastHolderLost or FaultKind.DonorLost or FaultKind.FetchedAfterSeal ? 5 : storyline == FaultKind.PromiseForgotten ? 4 : 3;
        var suspect = random.Next(8, 11) * 100 * Ms;
        return this with
        {
            Storyline = storyline, Nodes = nodes, Founders = nodes, IsCalm = false, IsHarsh = false,
            TickNs = random.Next(1, 6) * 10 * Ms, HeartbeatNs = 100 * Ms, SuspectNs = suspect, LeaseNs = suspect * random.Next(10, 20) / 10,
            MaxVoters = 5, Weights = [.. Enumerable.Repeat(1, nodes)],
            MinDelayNs = random.Next(20, 500) * 1000, MeanDelayNs = random.Next(10, 1000) * 1000, LossPpm = 0, ReorderPpm = 0, PathTimeoutNs = random.Next(4_000, 12_000) * Ms,
            FlushNs = random.Next(50, 20_000) * 1000, LazyFlushNs = random.Next(100, 500) * Ms, WorkNs = random.Next(60, 160) * Ms, Faults = Tellings + random.Next(2, 5),
            CheckpointBytesMax = storyline == FaultKind.DonorLost ? 500_000 : CheckpointBytesMax, IsStream = storyline == FaultKind.FetchedAfterSeal || (IsStream && storyline != FaultKind.DonorLost),
        };
    }

    private static ulong Mix(ulong seed)
    {
        seed = (seed + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
        seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EB;
        return seed ^ (seed >> 31);
    }
}
