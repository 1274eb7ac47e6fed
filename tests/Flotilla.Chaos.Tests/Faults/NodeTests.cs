using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>What happens to nodes.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class NodeTests(ChaosFixture chaos)
{
    private static readonly TimeSpan LongStop = TimeSpan.FromSeconds(20);

    [Fact]
    [Trait("tier", "full")]
    public async Task APrimaryWhoseNodeIsKilledEndsWithItsLease()
    {
        await using var scenario = await chaos.BeginAsync("node of the primary: SIGKILL");
        await scenario.Primary.KillNodeAsync();
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        scenario.Primary.StartNode();
        await scenario.CheckAsync((1, 1), $"its node {scenario.Primary.Letter} is gone");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task ANodeThatIsBackAtOnceFindsItsServer()
    {
        await using var scenario = await chaos.BeginAsync("node of the primary: SIGKILL and started at once");
        await scenario.Primary.KillNodeAsync();
        scenario.Primary.StartNode();
        await scenario.CheckAsync((0, 1), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task ANodeThatHangsLosesItsPrimary()
    {
        await using var scenario = await chaos.BeginAsync("node of the primary: SIGSTOP, 20 s later SIGCONT");
        scenario.Primary.SignalNode(Signals.Stop);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await Task.Delay(LongStop);
        scenario.Primary.SignalNode(Signals.Continue);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task ANodeOfAReplicaThatIsKilledIsNoOutage()
    {
        await using var scenario = await chaos.BeginAsync("node of a replica: SIGKILL");
        await scenario.Replicas[0].KillNodeAsync();
        await scenario.UntilMoreAsync();
        await Task.Delay(TimeSpan.FromSeconds(6));
        scenario.Replicas[0].StartNode();
        await scenario.CheckAsync((0, 0), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task TheCoordinatorsNodeAndThePrimaryKilledAtOnce()
    {
        await using var scenario = await chaos.BeginAsync("node of the coordinator and server of the primary: SIGKILL");
        var process = scenario.Primary.ServerProcess!.Value;
        var coordinator = scenario.Coordinator;
        Signals.Send([coordinator.NodeProcess, process], Signals.Kill);
        await coordinator.KillNodeAsync();
        await scenario.Cluster.UntilAsync(status => status.IsWritable && status.LastEpoch > scenario.Status.LastEpoch, "a primary of another epoch");
        coordinator.StartNode();
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AllNodesKilledAndStartedInAnyOrder()
    {
        await using var scenario = await chaos.BeginAsync("all nodes and servers: SIGKILL, started one after the other");
        Signals.Send(scenario.Cluster.All.SelectMany(host => new[] { host.NodeProcess, host.ServerProcess!.Value }), Signals.Kill);
        foreach (var host in scenario.Cluster.All)
            await host.KillNodeAsync();
        foreach (var host in Random.Shared.GetItems(Orders, 1)[0].Select(letter => scenario.Cluster.All[letter - 'a']))
        {
            host.StartNode();
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task NodesAreRestartedOneAfterTheOther()
    {
        await using var scenario = await chaos.BeginAsync("rolling restart of the nodes");
        var primaries = 0;
        foreach (var host in scenario.Cluster.All)
        {
            primaries += await scenario.Cluster.IsPrimaryAsync(host) ? 1 : 0;
            await host.StopNodeAsync();
            host.StartNode();
            await scenario.Cluster.UntilFullAsync();
        }

        // Only a primary whose node is not back within its lease gives way.
        await scenario.CheckAsync((0, primaries), cause: null);
    }

    private static readonly string[] Orders = ["abc", "acb", "bac", "bca", "cab", "cba"];
}
