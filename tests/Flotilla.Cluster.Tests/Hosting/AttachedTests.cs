using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Servers that somebody else starts, under faults. Each test leaves the cluster healthy.</summary>
[Trait("tier", "full")]
[Collection(nameof(HealingCluster))]
public sealed class AttachedTests(AttachedCluster cluster, ITestOutputHelper output) : IClassFixture<AttachedCluster>
{
    [Fact]
    public async Task AKilledPrimaryIsReplacedAndStartedAgainByItsSupervisor()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await using var load = await Load.StartAsync(cluster);
        cluster.SignalServer(old, "KILL");
        await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "kill -9 of an attached primary");
    }

    [Fact]
    public async Task APrimaryWhoseNodeIsGoneIsKilledByItsGuard()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        var process = cluster.ProcessOf(old);
        await using var load = await Load.StartAsync(cluster);
        await cluster.KillNodeAsync(HealingCluster.IndexOf(old));
        await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");
        Assert.NotEqual(process, cluster.ProcessOf(old));
        await cluster.StartNodeAsync(HealingCluster.IndexOf(old));
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "the node of an attached primary is killed");
    }

    [Fact]
    public async Task AServerWhoseGuardIsGoneIsKilledByItsNode()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        var process = cluster.ProcessOf(old);
        await using var load = await Load.StartAsync(cluster);
        cluster.SignalGuard(old, "KILL");
        await Deadline.UntilAsync(() => cluster.ProcessOf(old) != process, "it is killed");
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "the guard of an attached primary is killed");
    }

    [Fact]
    public async Task ANodeThatComesBackGoesOnWithWhatItsGuardHas()
    {
        var status = await cluster.UntilHealthyAsync();
        var replica = status.State!.Servers.First(server => server.Name != status.Primary!.Name).Name;
        var process = cluster.ProcessOf(replica);
        await cluster.KillNodeAsync(HealingCluster.IndexOf(replica));
        await cluster.StartNodeAsync(HealingCluster.IndexOf(replica));
        await cluster.UntilHealthyAsync();
        Assert.Equal(process, cluster.ProcessOf(replica));
    }

    [Fact]
    public async Task AServerThatWasNotStartedAsItMustBeIsLeftAlone()
    {
        var replica = await InMaintenanceAsync();
        await cluster.StartByHandAsync(replica, "--report-user=somebody", "--read-only=0");
        await Deadline.UntilAsync(() => cluster.Log.Contains("it was not started with", StringComparison.Ordinal), "it is said", HealingCluster.Patience);
        Assert.NotEqual(0, cluster.ProcessOf(replica));
        await EndMaintenanceAsync(replica);
    }

    [Fact]
    public async Task AServerThatSomebodyStartedAsItMustBeIsTakenOver()
    {
        var replica = await InMaintenanceAsync();
        await cluster.StartByHandAsync(replica);
        var process = cluster.ProcessOf(replica);
        await cluster.Anybody.SendAsync(new SetMaintenance(replica, IsOn: false), CancellationToken.None);
        await cluster.UntilHealthyAsync();
        Assert.Equal(process, cluster.ProcessOf(replica));
    }

    [Fact]
    public async Task AWritableServerThatNobodyGuardsIsKilled()
    {
        var replica = await InMaintenanceAsync();
        await cluster.StartByHandAsync(replica, "--read-only=0");
        await Deadline.UntilAsync(() => cluster.ProcessOf(replica) == 0, "it is killed", HealingCluster.Patience);
        await EndMaintenanceAsync(replica);
    }

    [Fact]
    public async Task AReplicaIsFilledAnew()
    {
        var status = await cluster.UntilHealthyAsync();
        var replica = status.State!.Servers.First(server => server.Name != status.Primary!.Name).Name;
        await using var load = await Load.StartAsync(cluster);
        await cluster.Anybody.SendAsync(new ProvisionServer(replica, "a test wants it"), CancellationToken.None);
        await cluster.UntilAsync(known => known.State!.Find(replica) is { IsToBeProvisioned: false }, $"{replica} is filled anew");
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "an attached replica filled anew");
    }

    // A replica that does not run, and that nobody starts.
    private async Task<ServerName> InMaintenanceAsync()
    {
        var status = await cluster.UntilHealthyAsync();
        var replica = status.State!.Servers.First(server => server.Name != status.Primary!.Name).Name;
        await cluster.Anybody.SendAsync(new SetMaintenance(replica, IsOn: true), CancellationToken.None);
        cluster.SignalServer(replica, "TERM");
        await cluster.UntilAsync(known => known.State!.Find(replica)!.Report.Status == ServerStatus.Down, "its end is seen");
        return replica;
    }

    private async Task EndMaintenanceAsync(ServerName replica)
    {
        if (cluster.ProcessOf(replica) != 0)
            cluster.SignalServer(replica, "KILL");
        await Deadline.UntilAsync(() => cluster.ProcessOf(replica) == 0, "it has stopped", HealingCluster.Patience);
        await cluster.Anybody.SendAsync(new SetMaintenance(replica, IsOn: false), CancellationToken.None);
        await cluster.UntilHealthyAsync();
    }
}
