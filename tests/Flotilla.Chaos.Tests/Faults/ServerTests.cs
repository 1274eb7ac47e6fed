using System.Globalization;
using Flotilla.Chaos.Tests.World;
using Flotilla.MySql;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>What happens to servers.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class ServerTests(ChaosFixture chaos)
{
    /// <summary>A host that is stopped so long comes back into another epoch.</summary>
    private static readonly TimeSpan LongStop = TimeSpan.FromSeconds(20);

    [Fact]
    [Trait("tier", "full")]
    public async Task AKilledPrimaryIsReplacedAndReturns()
    {
        await using var scenario = await chaos.BeginAsync("server of the primary: SIGKILL");
        scenario.Primary.SignalServer(Signals.Kill);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.CheckAsync((1, 1), $"{scenario.Primary.Server} is down");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryThatIsAskedToEndIsReplacedAndReturns()
    {
        await using var scenario = await chaos.BeginAsync("server of the primary: SIGTERM");
        scenario.Primary.SignalServer(Signals.Term);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.CheckAsync((1, 1), $"{scenario.Primary.Server} is down");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AStoppedPrimaryIsKilledAndReplaced()
    {
        await using var scenario = await chaos.BeginAsync("server of the primary: SIGSTOP");
        var process = scenario.Primary.ServerProcess!.Value;
        Signals.Send(process, Signals.Stop);
        await scenario.UntilAnotherPrimaryAsync();
        Assert.NotEqual(process, scenario.Primary.ServerProcess);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AStoppedHostThatWakesUpAnswersNothing()
    {
        await using var scenario = await chaos.BeginAsync("node, guard and server of the primary: SIGSTOP, 20 s later SIGCONT");
        int[] processes = [scenario.Primary.NodeProcess, scenario.Primary.GuardProcess!.Value, scenario.Primary.ServerProcess!.Value];
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        Signals.Send(processes, Signals.Stop);
        await scenario.UntilAnotherPrimaryAsync();
        await Task.Delay(LongStop);
        Signals.Send(processes, Signals.Continue);
        await scenario.CheckAsync((1, 1), $"its node {scenario.Primary.Letter} is gone");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AKilledReplicaIsNoOutage()
    {
        await using var scenario = await chaos.BeginAsync("server of a replica: SIGKILL");
        scenario.Replicas[0].SignalServer(Signals.Kill);
        await scenario.UntilMoreAsync();
        await scenario.CheckAsync((0, 0), cause: null);
    }

    /// <summary>Nobody acknowledges: clients wait, and the primary is none the worse for it.</summary>
    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryWhoseReplicasAllHangIsNotReplaced()
    {
        await using var scenario = await chaos.BeginAsync("servers of both replicas: SIGSTOP for 7 s");
        var processes = scenario.Replicas.Select(host => host.ServerProcess!.Value).ToArray();
        await using var first = await MySqlConnection.OpenAsync(scenario.Primary.Client);
        await using var second = await MySqlConnection.OpenAsync(scenario.Primary.Client);
        Signals.Send(processes, Signals.Stop);
        // These are more patient than our clients, who end a statement that takes too long.
        var waiting = new[] { first, second }.Select((session, row) => session.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO app.w VALUES (0, {row}, @@server_id, 0)")).AsTask()).ToList();
        await Task.Delay(TimeSpan.FromSeconds(7));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
        Signals.Send(processes, Signals.Continue);
        await Task.WhenAll(waiting);
        await scenario.CheckAsync((0, 0), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryAndAReplicaKilledAtOnceLoseNothing()
    {
        await using var scenario = await chaos.BeginAsync("servers of the primary and a replica: SIGKILL");
        Signals.Send([scenario.Primary.ServerProcess!.Value, scenario.Replicas[0].ServerProcess!.Value], Signals.Kill);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task TwoPrimariesKilledOneAfterTheOtherLoseNothing()
    {
        await using var scenario = await chaos.BeginAsync("two primaries in a row: SIGKILL");
        scenario.Primary.SignalServer(Signals.Kill);
        var next = await scenario.UntilAnotherPrimaryAsync();
        scenario.Cluster.All[Host.IndexOf(next.Primary!)].SignalServer(Signals.Kill);
        await scenario.Cluster.UntilAsync(status => status.IsWritable && status.LastEpoch > next.LastEpoch, "a third primary");
        await scenario.CheckAsync((2, 2), "");
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AllServersKilledAtOnceLoseNothing()
    {
        await using var scenario = await chaos.BeginAsync("all servers: SIGKILL");
        Signals.Send(scenario.Cluster.All.Select(host => host.ServerProcess!.Value), Signals.Kill);
        await scenario.Cluster.UntilAsync(status => status.IsWritable && status.LastEpoch > scenario.Status.LastEpoch, "a primary of another epoch");
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task WhatAReplicaHasReceivedAndNotAppliedIsNotLost()
    {
        await using var scenario = await chaos.BeginAsync("primary SIGKILL while no replica applies");
        List<MySqlConnection> locks = [];
        foreach (var replica in scenario.Replicas)
        {
            locks.Add(await replica.OpenAsync());
            await locks[^1].ExecuteAsync("LOCK TABLES app.w READ");
        }

        await scenario.UntilMoreAsync();
        scenario.Fault();
        scenario.Primary.SignalServer(Signals.Kill);
        await Task.Delay(TimeSpan.FromSeconds(2));
        foreach (var session in locks)
            await session.DisposeAsync();
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task TooManyConnectionsAreNoFailoverAndDoNotHinderOne()
    {
        await using var scenario = await chaos.BeginAsync("no connection left on any server, then primary SIGKILL");
        List<MySqlConnection> idle = [];
        try
        {
            foreach (var host in scenario.Cluster.All)
                idle.AddRange(await FillAsync(host));
            await Task.Delay(TimeSpan.FromSeconds(5));
            Assert.Equal(scenario.Status.LastEpoch, (await scenario.Cluster.StatusAsync())!.LastEpoch);
            scenario.Fault();
            scenario.Primary.SignalServer(Signals.Kill);
            await scenario.UntilAnotherPrimaryAsync();
        }
        finally
        {
            foreach (var session in idle)
                await session.DisposeAsync();
        }

        await scenario.CheckAsync((1, 1), $"{scenario.Primary.Server} is down");
    }

    /// <summary>Until it takes no more.</summary>
    private static async Task<IReadOnlyList<MySqlConnection>> FillAsync(Host host)
    {
        const int ConnectionsMax = 1000;
        List<MySqlConnection> idle = [];
        try
        {
            while (idle.Count < ConnectionsMax)
                idle.Add(await MySqlConnection.OpenAsync(host.Client));
        }
        catch (MySqlException full) when (full.Message.Contains("Too many connections", StringComparison.Ordinal))
        {
            return idle;
        }

        throw new InvalidOperationException($"{host.Server} takes more than {ConnectionsMax} connections");
    }
}
