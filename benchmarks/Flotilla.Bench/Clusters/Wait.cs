using System.Diagnostics;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>Waits for something to become true, with an end.</summary>
internal static class Wait
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(100);

    public static Task UntilAsync(Func<bool> condition, TimeSpan patience, string what) => UntilAsync(() => Task.FromResult(condition()), patience, what);

    /// <exception cref="BenchException">It did not.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan patience, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > patience)
                throw new BenchException($"not in {patience.TotalSeconds:0} s: {what}");
            await Task.Delay(s_period);
        }
    }
}
