using System.Diagnostics;

namespace Flotilla.TestSupport;

/// <summary>Waits for conditions instead of sleeping for luck. Deadlines are generous: figures belong to the benchmarks.</summary>
public static class Deadline
{
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    /// <summary>Polls until the condition holds; throws with <paramref name="what"/> when it does not in time.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what, TimeSpan? within = null)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > (within ?? Default))
                throw new TimeoutException($"not in {(within ?? Default).TotalSeconds:0} s: {what}");
            await Task.Delay(5);
        }
    }

    /// <summary>Polls an asynchronous condition.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (within ?? Default))
                throw new TimeoutException($"not in {(within ?? Default).TotalSeconds:0} s: {what}");
            await Task.Delay(5);
        }
    }
}
