using System.Globalization;
using System.Text.Json;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Groups;

/// <summary>`./bench groups`: our groups beside corosync's, three processes each in networks of their own, and whether every target was met.</summary>
internal sealed class GroupsBench(GroupsBenchOptions options, GroupNetwork network)
{
    private const double Failed = double.NaN;

    private const string LargeAll = "8 KB ordered, all send, MB/s";
    private const string LargeOne = "8 KB ordered, one sends, MB/s";
    private const string LargeOnDisk = "8 KB ordered, all send, kept on disk by all three, MB/s";

    private static readonly string[] s_cases = ["latency", "durable", "throughput", "kill", "cut"];
    private static readonly string[] s_transports = ["knet", "udpu"];
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Web) { WriteIndented = true };

    private readonly List<Figure> _figures = [];

    public static async Task<bool> RunAsync(GroupsBenchOptions options)
    {
        if (options.Only.FirstOrDefault(name => !s_cases.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new BenchException($"there is no case named {unknown}; there are {string.Join(", ", s_cases)}");
        if (Environment.UserName != "root")
            throw new BenchException("networks of their own need root");
        using var network = new GroupNetwork();
        var bench = new GroupsBench(options, network);
        await bench.MeasureAsync();
        bench.Write();
        return bench._figures.TrueForAll(figure => figure.IsMet);
    }

    private async Task MeasureAsync()
    {
        if (options.Wants("latency") || options.Wants("throughput") || options.Wants("durable"))
            await MeasureSpeedAsync();
        if (options.Wants("kill"))
            await MeasureKillAsync();
        if (options.Wants("cut"))
            await MeasureCutAsync();
    }

    private async Task MeasureSpeedAsync()
    {
        var theirs = new Samples();
        var ours = new Samples();
        for (var run = 1; run <= options.Runs; run++)
        {
            if (!options.WithoutCorosync)
            {
                foreach (var transport in s_transports)
                    await WithAsync(() => CorosyncAsync(transport), group => SpeedAsync(group, theirs, transport));
            }

            await WithAsync(FlotillaAsync, group => SpeedAsync(group, ours, null));
            if (options.Wants("throughput"))
                await WithAsync(async () => await FlotillaGroup.StartAsync(network, isInMemory: true), group => MemoryAsync(group, ours));
            Say($"speed: run {run} of {options.Runs}");
        }

        Compare("latency", "64 B ordered, member, p50 us", theirs, ours, Target.AtMost(100));
        Compare("latency", "64 B ordered, member, p99 us", theirs, ours);
        Compare("latency", "64 B ordered, sequencer, p50 us", theirs, ours, Target.AtMost(100));
        Compare("latency", "64 B safe, member, p50 us", theirs, ours, Target.AtMost(150));
        Compare("latency", "64 B safe, member, p99 us", theirs, ours);
        Compare("latency", "64 B safe, sequencer, p50 us", theirs, ours, Target.AtMost(150));
        Compare("durable", "64 B safe and durable, member, p50 us", theirs, ours, Target.AtMost(500));
        Compare("durable", "64 B safe and durable, member, p99 us", theirs, ours);
        Compare("durable", "64 B safe and durable, sequencer, p50 us", theirs, ours, Target.AtMost(500));
        Compare("throughput", "64 B ordered, all send, messages/s", theirs, ours, Target.AtLeast(60_000));
        Compare("throughput", "64 B ordered, one sends, messages/s", theirs, ours);
        Compare("throughput", "64 B safe, all send, messages/s", theirs, ours, Target.AtLeast(50_000));
        Compare("throughput", LargeAll, theirs, ours, Target.AtLeast(100));
        Compare("throughput", LargeOne, theirs, ours);
        Compare("throughput", LargeOnDisk, theirs, ours);
    }

    private async Task SpeedAsync(IGroupUnderTest group, Samples samples, string? transport)
    {
        samples.BeginSystem(transport);
        var all = group.Probes;
        var isCorosync = transport is not null;
        var member = all.First(probe => probe.Node != group.Sequencer);
        var sequencer = all.FirstOrDefault(probe => probe.Node == group.Sequencer);
        if (options.Wants("latency"))
        {
            await LatencyAsync(samples, "64 B ordered, member", member, "Ordered");
            if (!isCorosync)
            {
                await LatencyAsync(samples, "64 B ordered, sequencer", sequencer!, "Ordered");
                await LatencyAsync(samples, "64 B safe, member", member, "Safe");
                await LatencyAsync(samples, "64 B safe, sequencer", sequencer!, "Safe");
            }
        }

        if (options.Wants("durable") && !isCorosync)
        {
            await LatencyAsync(samples, "64 B safe and durable, member", member, "SafeDurable");
            await LatencyAsync(samples, "64 B safe and durable, sequencer", sequencer!, "SafeDurable");
        }

        if (!options.Wants("throughput"))
            return;
        samples.Add("64 B ordered, all send, messages/s", await GroupCases.ThroughputAsync(all, all, false, "Ordered", options.FloodMs), isBetterWhenMore: true);
        samples.Add("64 B ordered, one sends, messages/s", await GroupCases.ThroughputAsync(all, [member], false, "Ordered", options.FloodMs), isBetterWhenMore: true);
        if (isCorosync)
            await LargeAsync(samples, all, member);
        else
            samples.Add(LargeOnDisk, GroupCases.Megabytes(await GroupCases.ThroughputAsync(all, all, true, "Ordered", options.FloodMs)), isBetterWhenMore: true);
        if (!isCorosync)
            samples.Add("64 B safe, all send, messages/s", await GroupCases.ThroughputAsync(all, all, false, "Safe", options.FloodMs), isBetterWhenMore: true);
    }

    /// <summary>Large messages, kept in memory only: corosync keeps none on disk either.</summary>
    private Task MemoryAsync(IGroupUnderTest group, Samples samples)
    {
        samples.BeginSystem(null);
        return LargeAsync(samples, group.Probes, group.Probes.First(probe => probe.Node != group.Sequencer));
    }

    private async Task LargeAsync(Samples samples, IReadOnlyList<Probe> all, Probe member)
    {
        samples.Add(LargeAll, GroupCases.Megabytes(await GroupCases.ThroughputAsync(all, all, true, "Ordered", options.FloodMs)), isBetterWhenMore: true);
        samples.Add(LargeOne, GroupCases.Megabytes(await GroupCases.ThroughputAsync(all, [member], true, "Ordered", options.FloodMs)), isBetterWhenMore: true);
    }

    private async Task LatencyAsync(Samples samples, string what, Probe probe, string delivery)
    {
        var (p50, p99) = await GroupCases.LatencyAsync(probe, options.LatencyCount, delivery);
        samples.Add($"{what}, p50 us", p50, isBetterWhenMore: false);
        samples.Add($"{what}, p99 us", p99, isBetterWhenMore: false);
    }

    private async Task MeasureKillAsync()
    {
        double? theirs = null;
        if (!options.WithoutCorosync)
            await WithAsync(() => CorosyncAsync(s_transports[0]), async group => theirs = await GroupCases.KillAsync(group, group.Probes[2], 15_000));
        var (member, sequencer) = (new List<double>(), new List<double>());
        for (var run = 1; run <= options.Runs; run++)
        {
            await WithAsync(FlotillaAsync, async group => member.Add(await GroupCases.KillAsync(group, group.Probes.First(probe => probe.Node != group.Sequencer), 5_000)));
            await WithAsync(FlotillaAsync, async group => sequencer.Add(await GroupCases.KillAsync(group, group.Probes.First(probe => probe.Node == group.Sequencer), 5_000)));
            Say($"kill: run {run} of {options.Runs}");
        }

        _figures.Add(new Figure("kill", "SIGKILL one of three: longest pause, ms", theirs, Median.Of(member, value => value), Target.AtMost(300)));
        _figures.Add(new Figure("kill", "the one killed is the sequencer, ms", theirs, Median.Of(sequencer, value => value), Target.AtMost(300)));
    }

    private async Task MeasureCutAsync()
    {
        (double PauseMs, int Members)? theirs = null;
        if (!options.WithoutCorosync)
            await WithAsync(() => CorosyncAsync(s_transports[0]), async group => theirs = await GroupCases.CutAsync(group, network, 1, 2, options.CutMs));
        (double PauseMs, int Members) ours = (Failed, 0);
        await WithAsync(FlotillaAsync, async group =>
        {
            var other = group.Probes.First(probe => probe.Node != group.Sequencer).Node;
            ours = await GroupCases.CutAsync(group, network, group.Sequencer, other, options.CutMs);
        });
        var seconds = (options.CutMs / 1000).ToString(CultureInfo.InvariantCulture);
        _figures.Add(new Figure("cut", $"one link cut for {seconds} s: members that stayed", theirs?.Members, ours.Members, Target.AtLeast(GroupNetwork.Nodes)));
        _figures.Add(new Figure("cut", $"one link cut for {seconds} s: longest pause, ms", theirs?.PauseMs, ours.PauseMs, Target.AtMost(500)));
    }

    private async Task<IGroupUnderTest> CorosyncAsync(string transport) => await CorosyncGroup.StartAsync(network, transport);

    private async Task<IGroupUnderTest> FlotillaAsync() => await FlotillaGroup.StartAsync(network);

    private static async Task WithAsync(Func<Task<IGroupUnderTest>> start, Func<IGroupUnderTest, Task> measure)
    {
        await using var group = await start();
        await measure(group);
    }

    private void Compare(string name, string figure, Samples theirs, Samples ours, Target? target = null)
    {
        if (ours.Of(figure) is { } own)
            _figures.Add(new Figure(name, figure, theirs.Of(figure), own, target));
    }

    private static void Say(string text) => Console.Error.WriteLine("  " + text);

    private void Write()
    {
        if (options.Json is { } path)
            File.WriteAllText(path, JsonSerializer.Serialize(_figures.Select(figure => new { figure.Case, figure.Name, Corosync = figure.Gearmand, figure.Flotilla, Target = figure.Target?.ToString(), figure.IsMet }), s_json) + "\n");
        Console.WriteLine($"{Environment.ProcessorCount} processors, shared by three members each; median of {options.Runs}; corosync: the better of its transports knet and udpu");
        Console.WriteLine("| case | figure | corosync | flotilla | target | met |");
        Console.WriteLine("|---|---|--:|--:|---|---|");
        foreach (var figure in _figures)
            Console.WriteLine($"| {figure.Case} | {figure.Name} | {Number(figure.Gearmand)} | {Number(figure.Flotilla)} | {figure.Target} | {(figure.Target is null ? "" : figure.IsMet ? "yes" : "NO")} |");
    }

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 1000 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.#", CultureInfo.InvariantCulture),
    };
}
