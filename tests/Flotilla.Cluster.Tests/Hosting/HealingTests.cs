namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>A real cluster, from nothing, under faults. Each test leaves it healthy.</summary>
[Trait("tier", "full")]
[Collection(nameof(HealingCluster))]
public sealed class HealingTests(HealingCluster cluster, ITestOutputHelper output) : IClassFixture<HealingCluster>
{
    [Fact]
    public async Task FromNothingThereIsOnePrimaryAndTheOthersFollowIt()
    {
        var status = await cluster.UntilHealthyAsync();
        Assert.Equal(3, status.State!.Servers.Length);
        foreach (var server in status.State.Servers)
            Assert.Equal(server.Name == status.Primary!.Name ? "0" : "1", await cluster.ScalarAsync(server.Name, "SELECT @@read_only"));
    }

    [Fact]
    public async Task AKilledPrimaryIsReplacedAndComesBackAsAReplica()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await using var load = await Load.StartAsync(cluster);
        cluster.SignalServer(old, "KILL");
        await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "kill -9 of the primary");
    }
}
