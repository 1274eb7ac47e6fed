namespace Flotilla.Bench.Jobs;

/// <summary>Clients and workers at full speed: throughput, server CPU per job and latency.</summary>
/// <param name="name">The case's name.</param>
/// <param name="summary">What it shows.</param>
/// <param name="shape">The load generator's arguments.</param>
/// <param name="jobs">Jobs per run, ours and gearmand's.</param>
/// <param name="rate">What the rate has to reach.</param>
/// <param name="cpu">What the server's CPU per job may cost.</param>
internal sealed class ForegroundCase(string name, string summary, string shape, (int Ours, int Theirs) jobs, Target rate, Target? cpu) : IBenchCase
{
    // Long enough for the runtime to compile the hot paths with what it learned about them.
    private const int WarmUpJobs = 50_000;

    public string Name => name;

    public string Summary => summary;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress)
    {
        var (theirs, ours) = await SideBySide.RunAsync(options.Runs, ServerSetup.Gearmand, ServerSetup.Flotilla, RunAsync, progress);
        var ceiling = await SideBySide.OneAsync(ServerSetup.Ceiling, RunAsync);
        return
        [
            Line("jobs/s", run => run.Rate, rate),
            Line("server CPU, us/job", run => run.CpuUsPerJob, cpu),
            Line("latency p50, us", run => run.P50Us, null),
            Line("latency p99, us", run => run.P99Us, null),
            new Figure(name, "featureless epoll loop, jobs/s", null, ceiling.Rate),
            new Figure(name, "featureless epoll loop, us/job", null, ceiling.CpuUsPerJob),
        ];

        Figure Line(string what, Func<LoadResult, double> figure, Target? target) =>
            new(name, what, Median.Of(theirs, figure), Median.Of(ours, figure), target);
    }

    private async Task<LoadResult> RunAsync(BenchServer server)
    {
        if (server.Name == ServerSetup.Gearmand.Name)
            return await Load.RunAsync(server, $"run {shape} --jobs {jobs.Theirs} --warmup {jobs.Theirs / 10}");
        await Load.RunAsync(server, $"run --clients 10 --workers 10 --depth 20 --jobs {WarmUpJobs}");
        return await Load.RunAsync(server, $"run {shape} --jobs {jobs.Ours} --warmup {jobs.Ours / 10}");
    }
}
