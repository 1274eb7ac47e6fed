extern alias planted;

using Flotilla.Simulation.Exhaustive;

namespace Flotilla.Simulation.Tests.Exhaustive;

/// <summary>Everything that can happen to three nodes, within bounds: no promise is broken in any state, and what a bug breaks is found.</summary>
public sealed class ExhaustiveTests(ITestOutputHelper output)
{
    /// <summary>
    /// Bounds: one ordered and one safe message, sent before anything else; one process killed, at any time, with any part of its unwritten records lost; one
    /// tick per node after it, when nothing else is left to do; frames of one connection in order; heartbeats, relays and direct frames of the layer lost.
    /// </summary>
    private static readonly ExploreOptions Crash = new() { SendsFirst = true, OrdersFrames = true, Crashes = 1, Restarts = 0, Ticks = 1 };

    /// <summary>And the killed process begins again and connects, each when nothing is under way.</summary>
    private static readonly ExploreOptions Restart = Crash with { Restarts = 1, RestartsLate = true };

    [Fact]
    public void NoStateWithTwoMessagesBreaksAPromise() => Explore(Crash with { Crashes = 0 }, epoch: 1);

    [Fact]
    [Trait("tier", "full")]
    public void NoStateWithTwoMessagesAndACrashBreaksAPromise() => Explore(Crash, epoch: 2);

    /// <summary>Records are flushed in the step that persists them.</summary>
    [Fact]
    [Trait("tier", "full")]
    public void NoStateWithTwoMessagesACrashAndARestartBreaksAPromise() => Explore(Restart with { FlushesAtOnce = true }, epoch: 2);

    /// <summary>With every crash between persisting and flushing; without messages.</summary>
    [Fact]
    [Trait("tier", "full")]
    public void NoStateWithACrashBeforeAFlushAndARestartBreaksAPromise() => Explore(Restart with { Sends = [] }, epoch: 2);

    [Theory]
    [Trait("tier", "full")]
    [InlineData("DeliverSafeOnReceipt")]
    [InlineData("CutIsMinimum")]
    public void APlantedBugIsFoundInSomeState(string bug)
    {
        var found = planted::Flotilla.Simulation.Exhaustive.Explorer.Run(new()
        {
            SendsFirst = true, OrdersFrames = true, Crashes = 1, Restarts = 0, Ticks = 1, PlantedBug = bug,
        });
        output.WriteLine($"{found.States} states: {found.Violation}");
        foreach (var step in found.Steps)
            output.WriteLine(step);
        Assert.NotNull(found.Violation);
        Assert.StartsWith("I", found.Violation, StringComparison.Ordinal);
    }

    private void Explore(ExploreOptions options, ulong epoch)
    {
        var found = Explorer.Run(options);
        var line = $"exhaustive: {found.States} states, {found.Transitions} transitions, {found.NodeStates} states of single nodes, depth {found.Depth}, epochs to {found.HighestEpoch}";
        output.WriteLine(line);
        Console.WriteLine(line);
        Assert.True(found.Violation is null, string.Join("\n", found.Steps.Prepend(found.Violation)));
        Assert.True(found.IsComplete);
        Assert.True(found.HighestEpoch >= epoch, "no view changed");
    }
}
