using System.Globalization;
using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>What people order, while there are writes.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class OrderTests(ChaosFixture chaos)
{
    [Fact]
    [Trait("tier", "full")]
    public async Task ASwitchoverUnderWritesLosesNothing()
    {
        await using var scenario = await chaos.BeginAsync("switchover");
        var next = scenario.Replicas[0].Server;
        scenario.Fault();
        var answer = await scenario.Cluster.OrderAsync($"/cluster/switchover?to={next}");
        Assert.StartsWith("200", answer, StringComparison.Ordinal);
        Assert.Equal(next, (await scenario.UntilAnotherPrimaryAsync()).Primary);
        await scenario.CheckAsync((1, 1), "a person wants it");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task SwitchoversRoundAndRoundLoseNothing()
    {
        const int Rounds = 6;
        await using var scenario = await chaos.BeginAsync(string.Create(CultureInfo.InvariantCulture, $"{Rounds} switchovers in a row"));
        scenario.Fault();
        for (var round = 0; round < Rounds; round++)
        {
            var answer = await scenario.Cluster.OrderAsync("/cluster/switchover");
            Assert.StartsWith("200", answer, StringComparison.Ordinal);
            await scenario.Cluster.UntilFullAsync();
        }

        await scenario.CheckAsync((Rounds, Rounds), "a person wants it");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task ServersAreRestartedOneAfterTheOther()
    {
        await using var scenario = await chaos.BeginAsync("rolling restart of the servers: replicas first, then switchover and the former primary");
        scenario.Fault();
        foreach (var replica in scenario.Replicas)
        {
            replica.SignalServer(Signals.Term);
            await scenario.Cluster.UntilAsync(status => !status.IsFull, "it is seen");
            await scenario.Cluster.UntilFullAsync();
        }

        Assert.StartsWith("200", await scenario.Cluster.OrderAsync("/cluster/switchover"), StringComparison.Ordinal);
        await scenario.Cluster.UntilFullAsync();
        scenario.Primary.SignalServer(Signals.Term);
        await scenario.CheckAsync((1, 1), "a person wants it");
    }
}
