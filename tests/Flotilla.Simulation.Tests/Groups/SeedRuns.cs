using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>A range of seeds, run on two threads: each world has one thread.</summary>
internal sealed class SeedRuns
{
    private const int Threads = 2;

    private readonly Lock _lock = new();

    /// <summary>Seed and effect hash, as the simulator prints them.</summary>
    public SortedDictionary<ulong, ulong> Hashes { get; } = [];

    public SortedDictionary<ulong, string> Failures { get; } = [];

    public SortedDictionary<string, long> Fired { get; } = new(StringComparer.Ordinal);

    public long Events { get; private set; }

    public long EventsMin { get; private set; } = long.MaxValue;

    public long VirtualNsMin { get; private set; } = long.MaxValue;

    public int FaultsMin { get; private set; } = int.MaxValue;

    public static SeedRuns Run(ulong first, int count)
    {
        var runs = new SeedRuns();
        var next = -1;
        var threads = new Thread[Threads];
        for (var i = 0; i < Threads; i++)
        {
            threads[i] = new Thread(
                () =>
                {
                    for (var number = Interlocked.Increment(ref next); number < count; number = Interlocked.Increment(ref next))
                        runs.Take(GroupWorld.Run(first + (ulong)number));
                },
                maxStackSize: 16 << 20);
            threads[i].Start();
        }

        foreach (var thread in threads)
            thread.Join();
        return runs;
    }

    private void Take(RunResult run)
    {
        lock (_lock)
        {
            Hashes[run.Seed] = run.EffectHash;
            if (run.Violations.Count > 0)
                Failures[run.Seed] = string.Join("; ", run.Violations);
            Events += run.Events;
            EventsMin = Math.Min(EventsMin, run.Events);
            VirtualNsMin = Math.Min(VirtualNsMin, run.VirtualNs);
            FaultsMin = Math.Min(FaultsMin, run.Plan.Count);
            foreach (var (what, count) in run.Fired)
                Fired[what] = Fired.GetValueOrDefault(what) + count;
        }
    }
}
