extern alias planted;

using System.Diagnostics;
using System.Globalization;
using Flotilla.Simulation.Exhaustive;

namespace Flotilla.Simulation.Tests.Exhaustive;

/// <summary>Everything that can happen to three nodes, within bounds: no promise is broken in any state, and what a bug breaks is found.</summary>
public sealed class ExhaustiveTests(ITestOutputHelper output)
{
    private static readonly ExploreOptions Whole = new() { Crashes = 1, Restarts = 1, Ticks = 2 };

    [Fact]
    public void NoStateWithTwoMessagesBreaksAPromise() => Explore(Whole with { Crashes = 0 }, epoch: 1);

    [Fact]
    [Trait("tier", "full")]
    public void NoStateWithTwoMessagesACrashItsRestartTwoTicksPerNodeAndNoDropsBreaksAPromise()
    {
        var watch = Stopwatch.StartNew();
        Explore(Whole, epoch: 2);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"took {watch.Elapsed}");
    }

    private void Explore(ExploreOptions options, ulong epoch)
    {
        var watch = Stopwatch.StartNew();
        var found = Explorer.Run(options);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"exhaustive: {options.Sends.Length} messages, {options.Crashes} crashes, {options.Restarts} restarts, {options.Ticks} ticks per node, {options.Drops} drops: {found.States} states, {found.QuietStates} of them quiet, {found.Transitions} transitions, {found.NodeStates} states of single nodes, depth {found.Depth}, epochs to {found.HighestEpoch}, {watch.ElapsedMilliseconds} ms");
        output.WriteLine(line);
        Console.WriteLine(line);
        Assert.True(found.Violation is null, string.Join("\n", found.Steps.Prepend(found.Violation)));
        Assert.True(found.IsComplete);
        Assert.True(found.HighestEpoch >= epoch, "no view changed");
    }
}
