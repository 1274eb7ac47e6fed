using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>What happens to whole hosts.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class HostTests(ChaosFixture chaos)
{
    /// <summary>Longer than a lease, and than anybody waits for somebody.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(8);

    [Fact]
    [Trait("tier", "full")]
    public async Task AHostThatLosesItsPowerIsReplacedAndReturns()
    {
        await using var scenario = await chaos.BeginAsync("host of the primary: loss of power");
        await scenario.PowerOffAsync(scenario.Primary);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.PowerOn(scenario.Primary);
        await scenario.CheckAsync((1, 1), $"its node {scenario.Primary.Letter} is gone");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AHostWhoseProcessesAreAllKilledIsReplacedAndReturns()
    {
        await using var scenario = await chaos.BeginAsync("host of the primary: SIGKILL of node, guard and server");
        Signals.Send([scenario.Primary.NodeProcess, scenario.Primary.GuardProcess!.Value, scenario.Primary.ServerProcess!.Value], Signals.Kill);
        await scenario.Primary.KillNodeAsync();
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Primary.StartNode();
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AHostThatIsBackAtOnceJoinsAgain()
    {
        await using var scenario = await chaos.BeginAsync("host of the primary: loss of power, back at once");
        await scenario.PowerOffAsync(scenario.Primary);
        scenario.PowerOn(scenario.Primary);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task TheHostOfTheCoordinatorAndThePrimaryGoTogether()
    {
        await using var scenario = await chaos.BeginAsync("host of the coordinator: loss of power, and server of the primary: SIGKILL");
        var coordinator = scenario.Coordinator;
        if (coordinator != scenario.Primary)
            scenario.Primary.SignalServer(Signals.Kill);
        await scenario.PowerOffAsync(coordinator);
        await Task.Delay(LongEnough);
        scenario.PowerOn(coordinator);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task OneHostOfThreeRefusesWritesUntilAnotherIsBack()
    {
        await using var scenario = await chaos.BeginAsync("hosts of the primary and a replica: loss of power");
        await scenario.PowerOffAsync(scenario.Primary);
        await scenario.PowerOffAsync(scenario.Replicas[0]);
        await scenario.NoAnswersForAsync(LongEnough);
        scenario.PowerOn(scenario.Replicas[0]);
        await Task.Delay(LongEnough);
        scenario.PowerOn(scenario.Primary);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryWithoutAMajorityStopsAnswering()
    {
        await using var scenario = await chaos.BeginAsync("hosts of both replicas: loss of power");
        foreach (var replica in scenario.Replicas)
            await scenario.PowerOffAsync(replica);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await Task.Delay(TimeSpan.FromSeconds(3));
        await scenario.NoAnswersForAsync(LongEnough);
        scenario.PowerOn(scenario.Replicas[1]);
        await Task.Delay(LongEnough);
        scenario.PowerOn(scenario.Replicas[0]);
        await scenario.CheckAsync((1, 1), "");
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 0, 2)]
    [Trait("tier", "long")]
    public async Task AfterALossOfAllPowerNothingIsLost(int first, int second, int third)
    {
        await using var scenario = await chaos.BeginAsync("all hosts: loss of power, back one after the other");
        await Task.WhenAll(scenario.Cluster.All.Select(scenario.PowerOffAsync));
        foreach (var host in (int[])[first, second, third])
        {
            scenario.PowerOn(scenario.Cluster.All[host]);
            await Task.Delay(TimeSpan.FromSeconds(3));
        }

        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task HostsAreRestartedOneAfterTheOther()
    {
        await using var scenario = await chaos.BeginAsync("rolling restart of the hosts");
        var primaries = 0;
        foreach (var host in scenario.Cluster.All)
        {
            primaries += await scenario.Cluster.IsPrimaryAsync(host) ? 1 : 0;
            await scenario.PowerOffAsync(host);
            await scenario.UntilMoreAsync();
            scenario.PowerOn(host);
            await scenario.Cluster.UntilFullAsync();
        }

        await scenario.CheckAsync((primaries, primaries), "is gone");
    }
}
