namespace Flotilla.TestSupport;

/// <summary>
/// What an action allocates once it is warm. The runtime allocates on our threads too, now and then and a little (a method compiled anew,
/// a type loaded), so several rounds are measured and the smallest counts: what the action itself allocates is in every one of them.
/// </summary>
public static class Allocations
{
    public const int Rounds = 8;

    /// <summary>The bytes that this thread allocated in the round that allocated least.</summary>
    public static long Smallest(Action round, int rounds = Rounds)
    {
        var smallest = long.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            smallest = Math.Min(smallest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return smallest;
    }
}
