namespace Flotilla.Bench.Jobs;

/// <summary>Runs both servers in turn, A/B/A/B, each time a fresh process, so that a busy minute of the machine hits both.</summary>
internal static class SideBySide
{
    public static async Task<(IReadOnlyList<T> Gearmand, IReadOnlyList<T> Flotilla)> RunAsync<T>(
        int runs, ServerSetup gearmand, ServerSetup flotilla, Func<BenchServer, Task<T>> measure, Action<string> progress)
    {
        var (theirs, ours) = (new List<T>(), new List<T>());
        for (var run = 1; run <= runs; run++)
        {
            theirs.Add(await OneAsync(gearmand, measure));
            ours.Add(await OneAsync(flotilla, measure));
            progress($"run {run} of {runs}");
        }

        return (theirs, ours);
    }

    public static async Task<T> OneAsync<T>(ServerSetup setup, Func<BenchServer, Task<T>> measure)
    {
        await using var server = await BenchServer.StartAsync(setup);
        return await measure(server);
    }
}
