namespace Flotilla.Bench.Jobs;

/// <summary>`./bench jobs`: all cases, the report, and whether every target was met.</summary>
internal static class JobsBench
{
    private static readonly IReadOnlyList<IBenchCase> Cases =
    [
        new StartUpCase(),
        new ForegroundCase(
            "10x1", "10 clients x 1 outstanding job, 10 workers", "--clients 10 --workers 10 --depth 1", (100_000, 60_000),
            Target.TimesAtLeast(1.5), Target.TimesAtMost(0.6)),
        new ForegroundCase(
            "50x20", "50 clients x 20 outstanding jobs, 50 workers", "--clients 50 --workers 50 --depth 20", (400_000, 200_000),
            Target.TimesAtLeast(1.8), Target.TimesAtMost(0.5)),
        new ForegroundCase(
            "1+200", "one client x 1, 200 idle workers", "--clients 1 --workers 200 --depth 1 --spin 200", (20_000, 1_000),
            Target.AtLeast(10_000), null),
        new AcceptCase(),
        new BacklogCase("backlog-1M", "1,000,000 jobs with unique keys (gearmand: 200,000, it takes too long)", 1_000_000, 300_000, 200_000, withTargets: false),
        new BacklogCase("backlog-10M", "10,000,000 jobs with unique keys, ours alone", 10_000_000, 2_000_000, 0, withTargets: true),
        new IdleConnectionsCase(),
        new DurableCase(),
        new RestartCase(),
    ];

    /// <summary>True when every target was met.</summary>
    public static async Task<bool> RunAsync(JobsBenchOptions options)
    {
        if (options.ListOnly)
        {
            foreach (var one in Cases)
                Console.WriteLine($"{one.Name,-18} {one.Summary}");
            return true;
        }

        var wanted = Cases.Where(one => options.Only.Count == 0 || options.Only.Contains(one.Name, StringComparer.Ordinal)).ToList();
        if (wanted.Count == 0)
            throw new BenchException($"there is no case named {string.Join(" or ", options.Only)}; --list names them");
        var figures = new List<Figure>();
        foreach (var one in wanted)
        {
            Console.Error.WriteLine($"{one.Name}: {one.Summary}");
            figures.AddRange(await one.MeasureAsync(options, text => Console.Error.WriteLine($"  {text}")));
        }

        Report.Write(figures, options);
        return figures.TrueForAll(figure => figure.IsMet);
    }
}
