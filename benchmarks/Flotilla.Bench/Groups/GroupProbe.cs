using System.Globalization;
using System.Net;
using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Groups.Hosting;
using Flotilla.Groups.Transport;
using Flotilla.Primitives;

namespace Flotilla.Bench.Groups;

/// <summary>
/// A member of one of our groups for `./bench groups`, told what to do like corosync's (benchmarks/groups/cpgprobe.c). Each order but `members` and
/// `sequencer` may end in a class of delivery.
/// </summary>
internal sealed class GroupProbe
{
    public const string Verb = "group-probe";

    private readonly ProbeObserver _observer = new();
    private NodeRuntime _runtime = null!;

    /// <summary>Arguments: number, own address, all addresses with commas between, data directory, whether messages are kept on "disk" or in "memory".</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var probe = new GroupProbe();
        await probe.StartAsync(arguments);
        while (await Console.In.ReadLineAsync() is { } line)
            Console.WriteLine(await probe.DoAsync(line.Split(' ')));
        return 0;
    }

    private async Task StartAsync(string[] arguments)
    {
        string[] founders = arguments[2].Split(',');
        _runtime = await NodeRuntime.StartAsync(
            new NodeRuntimeOptions
            {
                Node = new NodeOptions { Name = "node" + arguments[0], Address = arguments[1], Founders = [.. founders], RandomSeed = 0, LogOnDisk = arguments[4] == "disk" },
                Listen = IPEndPoint.Parse(arguments[1]),
                Discovery = new HostListDiscovery(founders),
                DataDirectory = arguments[3],
                Transport = new TransportOptions { AllowUnsecured = true },
                Logger = Environment.GetEnvironmentVariable("FLOTILLA_BENCH_LOG") is { } path ? new FileLogger(path + arguments[0]) : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            },
            _observer,
            CancellationToken.None);
        _observer.Begin(_runtime);
    }

    private async Task<string> DoAsync(string[] words) => words[0] switch
    {
        "members" => $"members {_observer.Members}",
        "sequencer" => $"sequencer {SequencerNumber()}",
        "latency" => await LatencyAsync(Number(words[1]), Number(words[2]), ClassOf(words)),
        "flood" => await FloodAsync(Number(words[1]), Number(words[2]), ClassOf(words)),
        "count" => await FloodAsync(Number(words[1]), 0, Delivery.Ordered),
        "watch" => await WatchAsync(Number(words[1]), Number(words[2]), ClassOf(words)),
        _ => "what 0",
    };

    private string SequencerNumber()
    {
        var view = _runtime.View!;
        return view.Find(view.Sequencer)!.Name[^1..];
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static Delivery ClassOf(string[] words) => words.Length > 3 ? Enum.Parse<Delivery>(words[3]) : Delivery.Ordered;

    private async Task<string> LatencyAsync(int count, int size, Delivery delivery)
    {
        await _observer.ChainAsync(Math.Max(2000, count / 10), size, delivery);
        var times = await _observer.ChainAsync(count, size, delivery);
        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture, $"latency {times[count / 2] / 1000.0:0.0} {times[count * 99 / 100] / 1000.0:0.0}");
    }

    private async Task<string> FloodAsync(int milliseconds, int size, Delivery delivery)
    {
        // A quarter of a second at both ends is not counted: others begin and end a little earlier or later.
        if (size > 0)
            _observer.BeginFlood(size, delivery);
        await Task.Delay(250);
        var (from, fromNs) = (_observer.Delivered, NodeClock.NowNs);
        await Task.Delay(milliseconds - 500);
        var (to, toNs) = (_observer.Delivered, NodeClock.NowNs);
        await Task.Delay(250);
        _observer.EndFlood();
        return string.Create(CultureInfo.InvariantCulture, $"flood {(to - from) * 1e9 / (toNs - fromNs):0}");
    }

    private async Task<string> WatchAsync(int milliseconds, int intervalUs, Delivery delivery)
    {
        _observer.BeginWatch();
        var body = new byte[64];
        var end = NodeClock.NowNs + (milliseconds * 1_000_000L);
        using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds(intervalUs));
        while (NodeClock.NowNs < end && await timer.WaitForNextTickAsync())
            Invariant.Require(_runtime.Send(_observer.Group, delivery, 0, body));
        return string.Create(CultureInfo.InvariantCulture, $"watch {_observer.LongestGapNs / 1e6:0.0} {_observer.LeastMembers}");
    }
}
