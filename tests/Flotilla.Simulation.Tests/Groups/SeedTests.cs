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

    [Fact]
    public void AFewSeedsKeepEveryPromise() => Require(SeedRuns.Run(1, SeedsFast));

    [Fact]
    public void ASeedGivesTheSameRunTwice()
    {
        foreach (var seed in new ulong[] { 3, 8, 17 })
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
        using var second = SecondProcess.Start(1, SeedsFull);
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
        RequireTheSame(runs, await second.HashesAsync(TestContext.Current.CancellationToken));
    }

    private static void Require(SeedRuns runs)
        => Assert.True(runs.Failures.Count == 0, $"{runs.Failures.Count} of {runs.Hashes.Count} seeds broke a promise; dotnet run --project tests/Flotilla.Simulator -- --seed N shows one\n" + string.Join('\n', runs.Failures.Take(20).Select(failure => $"seed {failure.Key}: {failure.Value}")));

    private static void RequireTheSame(SeedRuns runs, SortedDictionary<ulong, ulong> others)
    {
        Assert.Equal(runs.Hashes.Count, others.Count);
        var differ = others.Where(run => runs.Hashes[run.Key] != run.Value).Select(run => run.Key).ToList();
        Assert.True(differ.Count == 0, "seeds that ran otherwise in another process: " + string.Join(", ", differ.Take(20)));
    }

    // Whatever is not met is not tested.
    private static IEnumerable<string> Expected()
    {
        foreach (var fault in Enum.GetValues<FaultKind>().Where(kind => kind <= FaultKind.SlowProcess))
            yield return $"fault: {fault}";
        for (var storyline = FaultKind.WipedVoterReturns; storyline <= FaultKind.FetchedAfterSeal; storyline++)
            yield return $"told to its end: {storyline}";
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
