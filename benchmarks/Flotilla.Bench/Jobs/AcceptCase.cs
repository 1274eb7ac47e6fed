namespace Flotilla.Bench.Jobs;

/// <summary>Background jobs accepted into memory, and the memory they take.</summary>
internal sealed class AcceptCase : IBenchCase
{
    private const int PayloadBytes = 32;

    public string Name => "accept";

    public string Summary => "background jobs of 32 bytes accepted into memory, 10 clients x 100";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress)
    {
        var jobs = options.IsQuick ? 300_000 : 1_000_000;
        var (theirs, ours) = await SideBySide.RunAsync(
            options.Runs, ServerSetup.Gearmand, ServerSetup.Flotilla, server => RunAsync(server, jobs), progress);
        return
        [
            Line("accepted jobs/s", run => run.Rate, Target.TimesAtLeast(1.0)),
            Line("server CPU, us/job", run => run.CpuUsPerJob, null),
            Line("memory per queued job, bytes", run => (run.RssAfterKb - run.RssBeforeKb) * 1024 / run.Jobs, Target.AtMost(300)),
        ];

        Figure Line(string what, Func<LoadResult, double> figure, Target? target) =>
            new(Name, what, Median.Of(theirs, figure), Median.Of(ours, figure), target);
    }

    private static async Task<LoadResult> RunAsync(BenchServer server, int jobs)
    {
        await Load.RunAsync(server, $"submit --clients 10 --workers 0 --depth 100 --size {PayloadBytes} --jobs 50000 --function warm");
        await Load.RunAsync(server, "drain --clients 0 --workers 10 --jobs 50000 --function warm");
        return await Load.RunAsync(server, $"submit --clients 10 --workers 0 --depth 100 --size {PayloadBytes} --jobs {jobs}");
    }
}
