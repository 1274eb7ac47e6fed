using Flotilla.Primitives;

namespace Flotilla.Simulation;

/// <summary>
/// What is going to happen, by virtual time. Things due at the same millisecond happen in an order drawn from the seed, so that no code
/// can rely on one.
/// </summary>
public sealed class Scheduler(VirtualClock clock, SeededRandom random)
{
    private readonly PriorityQueue<Action, (long DueMs, ulong Draw, long Number)> _due = new();
    private long _number;

    /// <summary>Things that wait.</summary>
    public int Count => _due.Count;

    /// <summary>When the next thing is due; <see cref="long.MaxValue"/> for never.</summary>
    public long NextMs => _due.TryPeek(out _, out var priority) ? priority.DueMs : long.MaxValue;

    public void After(long ms, Action action) => At(clock.NowMs + ms, action);

    public void At(long dueMs, Action action) => _due.Enqueue(action, (Math.Max(dueMs, clock.NowMs), random.NextUInt64(), _number++));

    /// <summary>Moves the clock to the next thing and does it; false when nothing waits.</summary>
    public bool RunNext()
    {
        if (!_due.TryDequeue(out var action, out var priority))
            return false;
        clock.AdvanceTo(Math.Max(clock.NowMs, priority.DueMs));
        action();
        return true;
    }

    /// <summary>Does everything due up to a time, and moves the clock there.</summary>
    public void RunUntil(long nowMs)
    {
        while (NextMs <= nowMs)
            RunNext();
        clock.AdvanceTo(Math.Max(clock.NowMs, nowMs));
    }

    /// <summary>Forgets everything that waits: the end of a process, or of a world.</summary>
    public void Clear() => _due.Clear();
}
