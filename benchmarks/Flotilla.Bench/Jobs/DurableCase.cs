namespace Flotilla.Bench.Jobs;

/// <summary>Background jobs that are on disk before JOB_CREATED: ours flushes the file, gearmand commits to SQLite.</summary>
internal sealed class DurableCase : IBenchCase
{
    public string Name => "durable";

    public string Summary => "background jobs on disk before JOB_CREATED, 64 clients x 8";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress)
    {
        var (theirs, ours) = await SideBySide.RunAsync(options.Runs, ServerSetup.GearmandDurable, ServerSetup.FlotillaDurable, RunAsync, progress);
        return
        [
            Line("durable jobs/s", run => run.Rate, Target.AtLeast(20_000)),
            Line("server CPU, us/job", run => run.CpuUsPerJob, null),
            Line("latency p50, us", run => run.P50Us, null),
            Line("latency p99, us", run => run.P99Us, null),
        ];

        Figure Line(string what, Func<LoadResult, double> figure, Target? target) =>
            new(Name, what, Median.Of(theirs, figure), Median.Of(ours, figure), target);
    }

    // gearmand keeps one row per key: without keys of their own its jobs would overwrite each other.
    private static Task<LoadResult> RunAsync(BenchServer server)
    {
        var jobs = server.Name == ServerSetup.Gearmand.Name ? 5_000 : 100_000;
        return Load.RunAsync(server, $"submit --clients 64 --workers 0 --depth 8 --unique --jobs {jobs} --warmup {jobs / 5} --seconds 20");
    }
}
