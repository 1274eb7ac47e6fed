namespace Flotilla.Bench.Jobs;

/// <summary>Memory of connections that do nothing after one round trip.</summary>
internal sealed class IdleConnectionsCase : IBenchCase
{
    public string Name => "idle-connections";

    public string Summary => "4,000 idle connections";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress)
    {
        var (theirs, ours) = await SideBySide.RunAsync(options.Runs, ServerSetup.Gearmand, ServerSetup.Flotilla, RunAsync, progress);
        static double KiloBytes(LoadResult run) => (run.RssAfterKb - run.RssBeforeKb) / run.Jobs;
        return [new Figure(Name, "memory per connection, KB", Median.Of(theirs, KiloBytes), Median.Of(ours, KiloBytes), Target.AtMost(8))];
    }

    private static async Task<LoadResult> RunAsync(BenchServer server)
    {
        await Load.RunAsync(server, "run --clients 10 --workers 10 --depth 20 --jobs 50000"); // the pools have their usual size
        return await Load.RunAsync(server, "idle --clients 4000 --workers 0");
    }
}
