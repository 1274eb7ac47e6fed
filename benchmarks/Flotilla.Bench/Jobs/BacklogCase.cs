namespace Flotilla.Bench.Jobs;

/// <summary>
/// A backlog with unique keys goes in and out again in ten parts each. The cost is flat when the last three parts cost the server about
/// as much CPU per job as the first three.
/// </summary>
internal sealed class BacklogCase(string name, string summary, int jobs, int quickJobs, int gearmandJobs, bool withTargets) : IBenchCase
{
    private const int Parts = 10;

    private const int Compared = 3;

    // Parts differ by what else the machine does; a cost that grows with the backlog differs by far more.
    private const double FlatTimesMax = 1.5;

    private sealed record Run(IReadOnlyList<LoadResult> In, IReadOnlyList<LoadResult> Out);

    public string Name => name;

    public string Summary => summary;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress)
    {
        var ours = await SideBySide.OneAsync(ServerSetup.Flotilla, server => RunAsync(server, options.IsQuick ? quickJobs : jobs, progress));
        var theirs = gearmandJobs == 0
            ? null
            : await SideBySide.OneAsync(ServerSetup.Gearmand, server => RunAsync(server, options.IsQuick ? gearmandJobs / 2 : gearmandJobs, progress));
        return
        [
            Line("jobs/s in", run => Rate(run.In), withTargets ? Target.AtLeast(200_000) : null),
            Line("jobs/s out", run => Rate(run.Out), withTargets ? Target.AtLeast(100_000) : null),
            Line("server CPU in, us/job", run => Cpu(run.In), null),
            Line("server CPU out, us/job", run => Cpu(run.Out), null),
            Line("in: last tenths, times the first", run => Growth(run.In), Target.AtMost(FlatTimesMax)),
            Line("out: first tenths, times the last", run => 1 / Growth(run.Out), Target.AtMost(FlatTimesMax)),
            Line("memory per queued job, bytes", BytesPerJob, null),
        ];

        Figure Line(string what, Func<Run, double> figure, Target? target) => new(name, what, theirs is null ? null : figure(theirs), figure(ours), target);
    }

    private static double Rate(IReadOnlyList<LoadResult> parts) => parts.Sum(part => part.Jobs) / parts.Sum(part => part.Seconds);

    private static double Cpu(IReadOnlyList<LoadResult> parts) => parts.Average(part => part.CpuUsPerJob);

    private static double Growth(IReadOnlyList<LoadResult> parts) =>
        parts.TakeLast(Compared).Sum(part => part.CpuUsPerJob) / parts.Take(Compared).Sum(part => part.CpuUsPerJob);

    private static double BytesPerJob(Run run) => (run.In[^1].RssAfterKb - run.In[0].RssBeforeKb) * 1024 / run.In.Sum(part => part.Jobs);

    private static async Task<Run> RunAsync(BenchServer server, int jobs, Action<string> progress)
    {
        var part = jobs / Parts;
        var (submitted, drained) = (new List<LoadResult>(), new List<LoadResult>());
        await Load.RunAsync(server, "submit --clients 10 --workers 0 --depth 100 --jobs 50000 --function warm");
        await Load.RunAsync(server, "drain --clients 0 --workers 20 --jobs 50000 --function warm");
        for (var i = 0; i < Parts; i++)
            submitted.Add(await Load.RunAsync(server, $"submit --clients 10 --workers 0 --depth 100 --jobs {part} --unique --first-unique {(long)part * i}"));
        progress($"{server.Name}: {jobs:#,0} jobs are in");
        for (var i = 0; i < Parts; i++)
            drained.Add(await Load.RunAsync(server, $"drain --clients 0 --workers 20 --grabs 10 --jobs {part}"));
        progress($"{server.Name}: they are out");
        return new Run(submitted, drained);
    }
}
