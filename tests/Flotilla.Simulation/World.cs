using Flotilla.Primitives;

namespace Flotilla.Simulation;

/// <summary>
/// One simulated run: a clock, a scheduler and sources of chance, all from one seed. The same seed gives the same run; disks (and one
/// day networks) are made from it with a source of their own, so that more chance in one part does not change another.
/// </summary>
public sealed class World
{
    /// <summary>Some day in 2023: real enough for cron, fixed for ever.</summary>
    public const long DefaultStartMs = 1_700_000_000_000;

    private readonly ulong _seed;
    private ulong _trace = 14695981039346656037;

    public World(ulong seed, long startMs = DefaultStartMs)
    {
        _seed = seed;
        Clock = new VirtualClock(startMs);
        Random = Source("world");
        Scheduler = new Scheduler(Clock, Source("scheduler"));
    }

    public VirtualClock Clock { get; }

    public Scheduler Scheduler { get; }

    public SeededRandom Random { get; }

    /// <summary>Differs between two runs as soon as anything noted differs: equal seeds must end with equal traces.</summary>
    public ulong Trace => _trace;

    /// <summary>An independent source of chance for a part of the world.</summary>
    public SeededRandom Source(string part)
    {
        var mixed = _seed * 0x9E3779B97F4A7C15 + 1;
        foreach (var character in part)
            mixed = (mixed ^ character) * 1099511628211;
        return new SeededRandom(mixed ^ (mixed >> 31));
    }

    /// <summary>A disk with a source of chance of its own.</summary>
    public SimulatedDisk Disk(string name, long capacityBytes = long.MaxValue) => new(Source("disk " + name), capacityBytes, Clock);

    /// <summary>Notes something that happened in the trace.</summary>
    public void Note(ulong what) => _trace = (_trace ^ what ^ (ulong)Clock.NowMs) * 1099511628211;
}
