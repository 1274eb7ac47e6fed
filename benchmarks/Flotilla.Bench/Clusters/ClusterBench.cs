using System.Diagnostics;
using Flotilla.Bench.Groups;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>`./bench cluster`: outages as a writing client sees them, beside Galera and MHA, and what our nodes cost; three hosts, each a network of its own.</summary>
internal sealed class ClusterBench(ClusterBenchOptions options, GroupNetwork network, string folder)
{
    private const string NetworkVariable = "FLOTILLA_BENCH_NETWORK";

    private static readonly (string Name, Fault Fault, Target P50, Target Max)[] s_faults =
    [
        ("kill", Fault.Kill, Target.AtMost(1_000), Target.AtMost(2_000)),
        ("hang", Fault.Hang, Target.AtMost(3_000), Target.AtMost(5_000)),
        ("cut", Fault.Cut, Target.AtMost(3_000), Target.AtMost(5_000)),
        ("switchover", Fault.Switchover, Target.AtMost(500), Target.AtMost(1_000)),
    ];

    private static readonly int[] s_pingIntervals = [3, 1];

    private readonly List<OutageFigure> _outages = [];
    private readonly List<ClusterFigure> _figures = [];
    private readonly OutageCase _case = new(network);
    private string _template = "";
    private int _clusters;

    /// <summary>True when every target was met.</summary>
    public static async Task<bool> RunAsync(ClusterBenchOptions options, string[] arguments)
    {
        string[] systems = [ClusterBenchOptions.Flotilla, ClusterBenchOptions.Galera, ClusterBenchOptions.Mha];
        if (options.Systems.FirstOrDefault(name => !systems.Contains(name, StringComparer.Ordinal)) is { } stranger)
            throw new BenchException($"there is no system named {stranger}; there are {string.Join(", ", systems)}");
        string[] cases = [.. s_faults.Select(one => one.Name), "quiet", "load"];
        if (options.Only.FirstOrDefault(name => !cases.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new BenchException($"there is no case named {unknown}; there are {string.Join(", ", cases)}");
        if (Environment.UserName != "root")
            throw new BenchException("networks of their own need root");
        return Environment.GetEnvironmentVariable(NetworkVariable) is { Length: > 0 } prefix ? await InsideAsync(options, GroupNetwork.Of(prefix)) : await OutsideAsync(arguments);
    }

    /// <summary>Makes the networks and runs itself once more in that of the clients.</summary>
    private static async Task<bool> OutsideAsync(string[] arguments)
    {
        using var rivals = Process.Start(Repository.Combine("eng", "peers", "rivals.sh"));
        await rivals.WaitForExitAsync();
        if (rivals.ExitCode != 0)
            throw new BenchException("what is to be measured beside it could not be fetched");
        using var network = new GroupNetwork();
        network.JoinBridge();
        var start = new ProcessStartInfo("ip", ["netns", "exec", network.NameOf(0), Environment.ProcessPath!, .. Program(), .. arguments]) { UseShellExecute = false };
        start.Environment[NetworkVariable] = network.Prefix;
        // A Ctrl-C is for the process inside, which stops what it started.
        Console.CancelKeyPress += (_, signal) => signal.Cancel = true;
        using var inside = Process.Start(start)!;
        await inside.WaitForExitAsync();
        return inside.ExitCode == 0;

        static string[] Program() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ClusterBench).Assembly.Location] : [];
    }

    private static async Task<bool> InsideAsync(ClusterBenchOptions options, GroupNetwork network)
    {
        var folder = options.Keep is { } kept ? Directory.CreateDirectory(Path.GetFullPath(kept)) : Directory.CreateTempSubdirectory("flotilla-bench-");
        // Galera's servers run as nobody.
        folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var bench = new ClusterBench(options, network, folder.FullName);
        using var ending = new CancellationTokenSource();
        Console.CancelKeyPress += (_, signal) =>
        {
            signal.Cancel = true;
            ending.Cancel();
        };
        try
        {
            await bench.MeasureAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            Say("told to stop");
        }

        ClusterReport.Write(bench._figures, bench._outages, options);
        if (options.Keep is null)
            folder.Delete(recursive: true);
        return bench._figures.TrueForAll(figure => figure.IsMet) && bench._outages.TrueForAll(outage => outage.IsMet);
    }

    private static void Say(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss}  {text}");

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        _template = await DatabaseHost.MakeTemplateAsync(folder);
        var hasFaults = s_faults.Any(one => options.Wants(one.Name));
        if (options.WantsSystem(ClusterBenchOptions.Flotilla) && (hasFaults || options.Wants("quiet")))
            await OursAsync(cancellationToken);
        if (options.WantsSystem(ClusterBenchOptions.Galera) && hasFaults)
            await GaleraAsync(cancellationToken);
        if (options.WantsSystem(ClusterBenchOptions.Mha) && hasFaults)
            await MhaAsync(cancellationToken);
        if (options.Wants("load"))
            _figures.AddRange(await new LoadCase(network, options).RunAsync(NextFolder(), _template, Say));
    }

    private async Task OursAsync(CancellationToken cancellationToken)
    {
        await using var ours = await FlotillaCluster.StartAsync(network, NextFolder(), _template);
        if (options.Wants("quiet"))
            _figures.AddRange(await QuietCase.RunAsync(ours, options.Quiet));
        foreach (var (name, fault, p50, max) in s_faults)
            await FaultAsync(name, fault, options.Runs, () => Task.FromResult<IClusterUnderTest>(ours), (p50, max), cancellationToken);
    }

    private async Task GaleraAsync(CancellationToken cancellationToken)
    {
        await using var galera = await GaleraCluster.StartAsync(network, NextFolder(), _template);
        foreach (var (name, fault, _, _) in s_faults)
            await FaultAsync(name, fault, options.RivalRuns, () => Task.FromResult<IClusterUnderTest>(galera), null, cancellationToken);
    }

    private async Task MhaAsync(CancellationToken cancellationToken)
    {
        foreach (var interval in s_pingIntervals)
        {
            foreach (var (name, fault, _, _) in s_faults)
            {
                // Its switchover has no ping.
                if (fault != Fault.Switchover || interval == s_pingIntervals[0])
                    await FaultAsync(name, fault, options.RivalRuns, async () => await MhaCluster.StartAsync(network, NextFolder(), _template, interval), null, cancellationToken);
            }
        }
    }

    private string NextFolder() => Path.Combine(folder, $"cluster{++_clusters}");

    private async Task FaultAsync(string name, Fault fault, int runs, Func<Task<IClusterUnderTest>> start, (Target P50, Target Max)? targets, CancellationToken cancellationToken)
    {
        if (!options.Wants(name))
            return;
        var (done, failures) = (new List<OutageRun>(), new List<string>());
        var (system, byHand) = ("", "");
        for (var run = 1; run <= runs; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            IClusterUnderTest? cluster = null;
            try
            {
                cluster = await start();
                (system, byHand) = (cluster.Name, cluster.ByHand(fault));
                done.Add(await _case.RunAsync(cluster, fault));
                Say($"{name}: {system}: run {run} of {runs}: {done[^1].OutageMs:0} ms, {done[^1].Lost} of {done[^1].Acknowledged} lost, all three again {done[^1].RedundantSeconds:0.0} s");
            }
            catch (Exception failure) when (failure is BenchException or MySql.MySqlException or Cluster.Probe.ProbeException)
            {
                failures.Add(failure.Message);
                Say($"{name}: {system}: run {run} of {runs} failed: {failure.Message}");
            }
            finally
            {
                if (cluster is { HealsItself: false })
                    await cluster.DisposeAsync();
            }
        }

        _outages.Add(new OutageFigure(fault, system, done, byHand, failures) { P50Target = targets?.P50, MaxTarget = targets?.Max });
    }
}
