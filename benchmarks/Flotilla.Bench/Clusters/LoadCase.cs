using System.Globalization;
using System.Text.RegularExpressions;
using Flotilla.Bench.Groups;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>sysbench on the primary of three servers: with nodes, without them, and without semi-sync. Only the servers that are measured run.</summary>
internal sealed partial class LoadCase(GroupNetwork network, ClusterBenchOptions options)
{
    private const string WithNodes = "flotilla";
    private const string WithoutNodes = "without nodes";
    private const string Asynchronous = "without nodes, no semi-sync";

    private static readonly string[] s_tests = ["oltp_read_write", "oltp_insert"];
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(string System, string Test), List<double>> _perSecond = [];

    public async Task<IReadOnlyList<ClusterFigure>> RunAsync(string folder, string template, Action<string> say)
    {
        await using var plain = await PlainReplication.StartAsync(network, Path.Combine(folder, "plain"), template, usesGtid: true);
        await SysbenchAsync(plain.Primary, s_tests[0], "prepare", null);
        await plain.StopServersAsync();
        await using var cluster = await FlotillaCluster.StartAsync(network, Path.Combine(folder, "nodes"), template);
        await cluster.UntilReadyAsync();
        await SysbenchAsync((await cluster.PrimaryAsync())!, s_tests[0], "prepare", null);
        await cluster.StopNodesAsync();
        for (var run = 1; run <= options.LoadRuns; run++)
        {
            await plain.StartAgainAsync();
            await MeasureAsync(WithoutNodes, plain.Primary);
            await plain.SetSemiSyncAsync(isOn: false);
            await MeasureAsync(Asynchronous, plain.Primary);
            await plain.StopServersAsync();
            await cluster.StartNodesAsync();
            await cluster.UntilReadyAsync();
            await MeasureAsync(WithNodes, (await cluster.PrimaryAsync())!);
            await cluster.StopNodesAsync();
            say($"sysbench: run {run} of {options.LoadRuns}: {string.Join("; ", _perSecond.Select(one => $"{one.Key.Test} {one.Key.System} {one.Value[^1]:0}"))}");
        }

        return [.. s_tests.SelectMany(Figures)];
    }

    [GeneratedRegex(@"transactions:\s+[0-9]+\s+\((?<rate>[0-9.]+) per sec", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Transactions();

    private async Task MeasureAsync(string system, DatabaseHost primary)
    {
        foreach (var test in s_tests)
        {
            await SysbenchAsync(primary, test, "run", s_warmUp);
            var output = await SysbenchAsync(primary, test, "run", options.LoadLength);
            if (!_perSecond.TryGetValue((system, test), out var runs))
                _perSecond[(system, test)] = runs = [];
            runs.Add(double.Parse(Transactions().Match(output).Groups["rate"].Value, CultureInfo.InvariantCulture));
        }
    }

    private static Task<string> SysbenchAsync(DatabaseHost primary, string test, string command, TimeSpan? length)
        => DatabaseHost.RunAsync(
            "sysbench",
            [
                test, "--db-driver=mysql", $"--mysql-host={primary.Address}", $"--mysql-user={DatabaseHost.Account}", $"--mysql-password={DatabaseHost.Account}", "--mysql-db=sbtest", "--tables=4", "--table-size=10000",
                "--threads=4", string.Create(CultureInfo.InvariantCulture, $"--time={length?.TotalSeconds ?? 0}"), command,
            ]);

    private IEnumerable<ClusterFigure> Figures(string test)
    {
        var (with, without, asynchronous) = (Middle(WithNodes), Middle(WithoutNodes), Middle(Asynchronous));
        return
        [
            new(test, WithNodes, "transactions/s", with),
            new(test, WithoutNodes, "transactions/s", without),
            new(test, Asynchronous, "transactions/s", asynchronous),
            new(test, WithNodes, "times that without nodes", with / without, Target.AtLeast(0.9)),
            new(test, WithoutNodes, "semi-sync: times that without", without / asynchronous),
        ];

        double Middle(string system) => Median.Of(_perSecond[(system, test)], value => value);
    }
}
