using Flotilla.Guard.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Guard.Tests;

/// <summary>The server dies when its lease is over, whatever else stands still.</summary>
public sealed class LeaseTests
{
    private const int LeaseMs = 1500;

    [Fact]
    public async Task AServerIsKilledWhenItsLeaseIsOver()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        var process = await guard.StartAsync(client);
        var deadline = TestGuard.After(0.3);
        await client.ArmAsync(1, deadline);

        var killed = await TestGuard.NextAsync(client, GuardEventKind.Killed);
        var ended = await TestGuard.NextAsync(client, GuardEventKind.Ended);

        AssertOnTime(ended.State, deadline);
        Assert.Equal(process, killed.State.ServerProcess);
        Assert.Equal((ServerExit.Signal, 9), (ended.State.Exit, ended.State.ExitCode));
        Assert.False(Processes.IsAlive(process));
        Assert.Contains("killed: its lease is over", guard.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatIsStoppedIsKilledToo()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        var process = await guard.StartAsync(client);
        Processes.Signal(process, "STOP");
        var deadline = TestGuard.After(0.2);
        await client.ArmAsync(1, deadline);

        AssertOnTime((await TestGuard.NextAsync(client, GuardEventKind.Ended)).State, deadline);
    }

    [Fact]
    public async Task AServerWhoseLeaseIsExtendedLives()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        var process = await guard.StartAsync(client);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(client.Lease(1, TestGuard.After(1)));
            await Task.Delay(150);
        }

        Assert.True((await client.StatusAsync()).IsAlive);
        Assert.True(Processes.IsAlive(process));
    }

    [Fact]
    public async Task ALeaseThatIsReleasedEndsNothing()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        await client.ArmAsync(1, TestGuard.After(0.3));
        await client.ReleaseAsync(1);
        await Task.Delay(600);

        var state = await client.StatusAsync();
        Assert.True(state.IsAlive);
        Assert.Equal(0, state.DeadlineNs);
    }

    [Fact]
    public async Task AServerOutlivesAKilledNodeUntilItsLeaseIsOver()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        await using var node = StartNode(guard);
        var process = int.Parse(await node.ReadLineAsync());
        node.Kill();
        await node.EndAsync();
        Assert.True(Processes.IsAlive(process));

        await Deadline.UntilAsync(() => !Processes.IsAlive(process), "the server is killed");
        AssertOnTime(await LastLeaseAsync(guard));
    }

    [Fact]
    public async Task AServerWhoseNodeIsStoppedIsKilledWhenItsLeaseIsOver()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        await using var node = StartNode(guard);
        var process = int.Parse(await node.ReadLineAsync());
        Processes.Signal(node.Id, "STOP");
        Assert.True(Processes.IsAlive(process));

        await Deadline.UntilAsync(() => !Processes.IsAlive(process), "the server is killed");
        AssertOnTime(await LastLeaseAsync(guard));
    }

    [Fact]
    public async Task ANodeThatReturnsInTimeGoesOnWithTheLease()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        await using var node = StartNode(guard);
        var process = int.Parse(await node.ReadLineAsync());
        node.Kill();
        await node.EndAsync();

        var client = await guard.ConnectAsync();
        Assert.Equal((process, GuardRole.Primary, 1UL), (client.State.ServerProcess, client.State.Role, client.State.Epoch));
        Assert.NotEqual(0, client.State.DeadlineNs);
        await client.ArmAsync(1, TestGuard.After(30));
        await Task.Delay(LeaseMs * 3 / 2);
        Assert.True((await client.StatusAsync()).IsAlive);
    }

    private static ChildProcess StartNode(TestGuard guard) => ChildProcess.Start([guard.Options.Folder, $"{LeaseMs}", .. guard.Options.Command]);

    /// <summary>The guard's own account of the end.</summary>
    private static async Task<GuardState> LastLeaseAsync(TestGuard guard)
    {
        var client = await guard.ConnectAsync();
        Assert.Equal(GuardedPhase.Ended, client.State.Phase);
        return client.State;
    }

    private static void AssertOnTime(in GuardState ended, long? deadlineNs = null)
    {
        Assert.Equal(KillCause.Deadline, ended.Killed);
        Assert.Equal(deadlineNs ?? ended.DeadlineNs, ended.DeadlineNs);
        Assert.InRange(ended.KilledNs, ended.DeadlineNs, ended.DeadlineNs + GuardProtocol.NsPerSecond);
        Assert.InRange(ended.EndedNs, ended.KilledNs, ended.KilledNs + GuardProtocol.NsPerSecond);
    }
}
