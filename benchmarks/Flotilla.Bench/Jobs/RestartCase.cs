using System.Globalization;

namespace Flotilla.Bench.Jobs;

/// <summary>SIGKILL with a million durable jobs, and how long until the server answers with all of them.</summary>
internal sealed class RestartCase : IBenchCase
{
    public string Name => "restart";

    public string Summary => "restart after SIGKILL with 1,000,000 durable jobs";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(JobsBenchOptions options, Action<string> progress)
    {
        var jobs = options.IsQuick ? 200_000 : 1_000_000;
        await using var server = await BenchServer.StartAsync(ServerSetup.FlotillaDurable);
        await Load.RunAsync(server, $"submit --clients 64 --workers 0 --depth 64 --unique --jobs {jobs}");
        progress($"{jobs:#,0} jobs are on disk");
        var restarts = new List<double>();
        for (var run = 0; run < Math.Min(options.Runs, 3); run++)
        {
            restarts.Add((await server.RestartAsync()).TotalSeconds);
            var status = await server.AskAsync("status\r\n");
            if (!status.StartsWith($"load\t{jobs.ToString(CultureInfo.InvariantCulture)}\t0\t", StringComparison.Ordinal))
                throw new BenchException($"after the restart status says '{status}', not {jobs} jobs");
        }

        return [new Figure(Name, $"seconds with {jobs:#,0} jobs", null, Median.Of(restarts, seconds => seconds), Target.AtMost(5))];
    }
}
