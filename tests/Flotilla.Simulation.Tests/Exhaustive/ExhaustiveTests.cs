extern alias planted;

using System.Diagnostics;
using System.Globalization;
using Flotilla.Simulation.Exhaustive;

namespace Flotilla.Simulation.Tests.Exhaustive;

/// <summary>
/// Everything that can happen to three nodes, within bounds: no promise is broken in any state, and what a bug breaks is found. Bounds of all: one ordered and
/// one safe message; frames of one connection in order; ticks and new connections when nothing is under way; heartbeats, relays and direct frames of the layer lost.
/// </summary>
public sealed class ExhaustiveTests(ITestOutputHelper output)
{
    /// <summary>
    /// Both messages under way when anything else happens; one process killed, at any time, with any part of its unwritten records lost; it begins again and
    /// connects; any number of ticks that take no time, one heartbeat that passes; no other loss. The view without it and the view with it again are in it.
    /// </summary>
    private static readonly ExploreOptions Whole = new() { SendsFirst = true, Crashes = 1, Restarts = 1, Beats = 1, Drops = 0 };

    [Fact]
    public void NoStateWithTwoMessagesBreaksAPromise() => Explore(new() { Crashes = 0, Beats = 0 }, epoch: 1, statesMax: 10_000);

    [Fact]
    [Trait("tier", "full")]
    public void NoStateWithTwoMessagesAndTwoLostFramesBreaksAPromise() => Explore(new() { SendsFirst = true, Crashes = 0, Beats = 1, Drops = 2 }, epoch: 1, statesMax: 100_000);

    [Fact]
    [Trait("tier", "full")]
    public void NoStateWithTwoMessagesAKillItsRestartAndOneHeartbeatBreaksAPromise() => Explore(Whole, epoch: 3, statesMax: 2_000_000);

    /// <summary>Sent in the middle of the view change, too; no time passes, so the killed node is not taken in again.</summary>
    [Fact]
    [Trait("tier", "full")]
    public void NoStateWithAKillItsRestartAndTwoMessagesSentAtAnyTimeBreaksAPromise() => Explore(Whole with { SendsFirst = false, Beats = 0 }, epoch: 2, statesMax: 1_000_000);

    [Fact]
    [Trait("tier", "long")]
    public void NoStateWithAKillItsRestartOneHeartbeatAndTwoMessagesSentAtAnyTimeBreaksAPromise()
        => Explore(Whole with { SendsFirst = false }, epoch: 3, statesMax: 10_000_000);

    [Theory]
    [Trait("tier", "full")]
    [InlineData("DeliverSafeOnReceipt")]
    [InlineData("CutIsMinimum")]
    [InlineData("KeepSilentMembers")]
    public void APlantedBugIsFoundInSomeState(string bug)
    {
        var found = planted::Flotilla.Simulation.Exhaustive.Explorer.Run(new() { SendsFirst = true, Crashes = 1, Restarts = 1, Beats = 1, PlantedBug = bug });
        output.WriteLine($"{found.States} states: {found.Violation}");
        foreach (var step in found.Steps)
            output.WriteLine(step);
        Assert.NotNull(found.Violation);
        Assert.StartsWith("I", found.Violation, StringComparison.Ordinal);
    }

    /// <summary>The number of states is bounded, and with it the time: 2,000,000 take 20 s of one core.</summary>
    private void Explore(ExploreOptions options, ulong epoch, long statesMax)
    {
        var watch = Stopwatch.StartNew();
        var found = Explorer.Run(options with { StatesMax = statesMax });
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"exhaustive: {options.Sends.Length} messages {(options.SendsFirst ? "first" : "at any time")}, {options.Crashes} kills, {options.Restarts} restarts, {options.Beats} heartbeats, {options.Drops} drops: {found.States} states, {found.QuietStates} of them quiet, {found.Transitions} transitions, {found.NodeStates} states of single nodes, depth {found.Depth}, epochs to {found.HighestEpoch}, {watch.ElapsedMilliseconds} ms");
        output.WriteLine(line);
        Console.WriteLine(line);
        Assert.True(found.Violation is null, string.Join("\n", found.Steps.Prepend(found.Violation)));
        Assert.True(found.IsComplete, $"more than {statesMax} states");
        Assert.True(found.HighestEpoch >= epoch, "no view changed");
    }
}
