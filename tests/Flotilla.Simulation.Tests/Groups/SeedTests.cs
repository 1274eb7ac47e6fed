using System.Diagnostics;
using System.Globalization;
using Flotilla.Groups.Core;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>
/// Thousands of simulated clusters, each with faults of its own. A failing seed: dotnet run --project tests/Flotilla.Simulator -- --seed N --shrink
/// </summary>
[Collection("seeds")]
public sealed class SeedTests(ITestOutputHelper output)
{
    private const int SeedsFull = 2_000;
    private const int SeedsFast = 24;

    // In another process too: enough to meet what differs between processes, if anything does.
    private const int SeedsTwice = 300;

    [Fact]
    public void AFewSeedsKeepEveryPromise() => Require(SeedRuns.Run(1, SeedsFast));

    [Fact]
    public void ASeedGivesTheSameRunTwice()
    {
        foreach (var seed in new ulong[] { 3, 17 })
            Assert.Equal(GroupWorld.Run(seed).EffectHash, GroupWorld.Run(seed).EffectHash);
    }

    [Fact]
    public void AFaultThatIsLeftOutDoesNotHappen()
    {
        var whole = GroupWorld.Run(5);
        var without = GroupWorld.Run(5, new RunOptions { MaskedFaults = Enumerable.Range(0, whole.Plan.Count).ToHashSet() });
        Assert.Contains(whole.Trace.Events, happened => happened.Kind == TraceKind.Fault);
        Assert.DoesNotContain(without.Trace.Events, happened => happened.Kind == TraceKind.Fault);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task TwoThousandSeedsKeepEveryPromiseAndRunAlikeInTwoProcesses()
    {
        var watch = Stopwatch.StartNew();
        var runs = SeedRuns.Run(1, SeedsFull);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{SeedsFull} seeds, {runs.Events} events, {watch.ElapsedMilliseconds} ms"));
        foreach (var (what, count) in runs.Fired)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12}  {what}"));
        Require(runs);
        Assert.True(runs.EventsMin >= 5_000, $"a seed had {runs.EventsMin} events only");
        Assert.True(runs.VirtualNsMin >= 60_000_000_000, $"a seed lasted {runs.VirtualNsMin / 1_000_000} virtual milliseconds only");
        Assert.True(runs.FaultsMin >= 5, $"a seed had {runs.FaultsMin} faults only");
        var never = Expected().Where(what => !runs.Fired.ContainsKey(what)).ToList();
        Assert.True(never.Count == 0, "never happened: " + string.Join(", ", never));
        await RequireTheSameInAnotherProcessAsync(runs);
    }

    private static void Require(SeedRuns runs)
        => Assert.True(runs.Failures.Count == 0, $"{runs.Failures.Count} of {runs.Hashes.Count} seeds broke a promise; dotnet run --project tests/Flotilla.Simulator -- --seed N shows one\n" + string.Join('\n', runs.Failures.Take(20).Select(failure => $"seed {failure.Key}: {failure.Value}")));

    private static async Task RequireTheSameInAnotherProcessAsync(SeedRuns runs)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var word in new[] { "exec", Path.Combine(AppContext.BaseDirectory, "Flotilla.Simulator.dll"), "--seed", "1", "--count", SeedsTwice.ToString(CultureInfo.InvariantCulture), "--hashes" })
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        var other = new SortedDictionary<ulong, ulong>();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Split(' ') is [var seed, var hash] && ulong.TryParse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
                other[ulong.Parse(seed, CultureInfo.InvariantCulture)] = value;
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(SeedsTwice, other.Count);
        var differ = other.Where(run => runs.Hashes[run.Key] != run.Value).Select(run => run.Key).ToList();
        Assert.True(differ.Count == 0, "seeds that ran otherwise in another process: " + string.Join(", ", differ.Take(20)));
    }

    // Whatever is not met is not tested.
    private static IEnumerable<string> Expected()
    {
        foreach (var fault in Enum.GetValues<FaultKind>().Where(kind => kind <= FaultKind.SlowProcess))
            yield return $"fault: {fault}";
        foreach (var change in ViewChanges.All)
            yield return $"view: {change}";
        foreach (var delivery in Enum.GetValues<Delivery>())
            yield return $"delivered: {delivery}";
        foreach (var loss in Enum.GetValues<PeerLoss>())
            yield return $"down:{loss}";
        string[] others =
        [
            "evicted", "primary lost", "reset", "checkpoint made", "checkpoint loaded", "group view", "left in good order", "path timeout",
            "frame lost", "frame doubled", "frame overtaken", "healed all", "healed a majority",
            "Query: Partial", "Query: NullReply", "Query: Aborted", "Query: TimedOut", "Query: Done", "Flush: Done", "Lock: Done", "Lock: TimedOut",
            "Unlock: Done", "Put: Done", "Put: Refused", "Send: Done", "Send: Indeterminate", "Join: Done", "Leave: Done",
            "told: Waiting", "told: Suspected", "told: ChangeBegan", "told: ChangeFailed", "told: PathChanged", "told: SelfDoubt", "told: Transfer", "told: DiskFailed",
        ];
        foreach (var other in others)
            yield return other;
    }
}
