using Flotilla.Cluster.Core;
using Flotilla.Cluster.Management;
using Flotilla.Cluster.Topology;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>A server that is only watched, under faults. Each test leaves the cluster healthy.</summary>
[Trait("tier", "full")]
[Collection(nameof(HealingCluster))]
public sealed class WatchedTests(WatchedCluster cluster, ITestOutputHelper output) : IClassFixture<WatchedCluster>
{
    private static readonly ServerName Watched = WatchedCluster.Watched;

    [Fact]
    public async Task ItFollowsTheNextPrimaryAndIsNeverOne()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        Assert.NotEqual(Watched, old);
        var process = cluster.ProcessOf(Watched);
        await using var load = await Load.StartAsync(cluster);
        Assert.Contains(cluster.Anybody.Explain(Watched)!.Now, line => line.Contains("only watched", StringComparison.Ordinal));
        cluster.SignalServer(old, "KILL");
        var next = (await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary")).Primary!.Name;
        Assert.NotEqual(Watched, next);
        var status = await cluster.UntilHealthyAsync();
        Assert.Equal(next, status.State!.Find(Watched)!.Report.Source);
        Assert.Equal(process, cluster.ProcessOf(Watched));
        await load.CheckAsync(output, "kill -9 of the primary beside a watched server");
    }

    [Fact]
    public async Task ItsEndIsToldAndWhoStartsItAgainIsAPerson()
    {
        await cluster.UntilHealthyAsync();
        await using var load = await Load.StartAsync(cluster);
        cluster.SignalServer(Watched, "KILL");
        await cluster.UntilAsync(status => status.State!.Find(Watched)!.Report.Status == ServerStatus.Down, "its end is told");
        await Deadline.UntilAsync(() => cluster.Anybody.Topology.Current.Members.Single(member => member.IsWatched).Status == TopologyStatus.Down, "clients see it");
        await load.UntilMoreAsync();
        // An attached one would have been started within a second.
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(0, cluster.ProcessOf(Watched));
        await cluster.StartByHandAsync(Watched);
        Assert.Equal("1", await cluster.ScalarAsync(Watched, "SELECT @@read_only"));
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "a watched server killed, and started by hand");
    }

    [Fact]
    public async Task ItIsNotUsedWhenItWasNotStartedAsItMustBe()
    {
        await cluster.UntilHealthyAsync();
        cluster.SignalServer(Watched, "KILL");
        await cluster.UntilAsync(status => status.State!.Find(Watched)!.Report.Status == ServerStatus.Down, "its end is told");
        await cluster.StartByHandAsync(Watched, "--report-user=somebody", "--read-only=0");
        await cluster.UntilAsync(status => status.State!.Find(Watched)!.Report.Error.Contains("it was not started with", StringComparison.Ordinal), "it is said");
        Assert.Equal("0", await cluster.ScalarAsync(Watched, "SELECT @@read_only"));
        cluster.SignalServer(Watched, "KILL");
        await Deadline.UntilAsync(() => cluster.ProcessOf(Watched) == 0, "it has ended");
        await cluster.StartByHandAsync(Watched);
        await cluster.UntilHealthyAsync();
    }

    [Fact]
    public async Task ItIsTakenOutForAPersonToFillItAnewAndTakenBackWhenItWasStartedAgain()
    {
        await cluster.UntilHealthyAsync();
        await using var load = await Load.StartAsync(cluster);
        var manager = new ClusterManager(cluster.Anybody, TimeProvider.System);
        Assert.Contains(manager.Reprovision(Watched).Outlook.Follows, line => line.Contains("it waits for you", StringComparison.Ordinal));
        Assert.True((await manager.CarryOutAsync(manager.Reprovision(Watched), TimeSpan.FromSeconds(1), CancellationToken.None)).IsOpen);
        await Deadline.UntilAsync(() => cluster.NodeOf(Watched).Explain(Watched)!.Now.Any(line => line.Contains("fill it yourself from a backup", StringComparison.Ordinal)), "a person is waited for", HealingCluster.Patience);
        Assert.DoesNotContain(Watched, cluster.Anybody.Status.State!.Epoch!.Witnesses);
        cluster.SignalServer(Watched, "TERM");
        await Deadline.UntilAsync(() => cluster.ProcessOf(Watched) == 0, "it has ended", HealingCluster.Patience);
        await cluster.StartByHandAsync(Watched);
        await cluster.UntilAsync(status => status is { IsHealthy: true } && status.State!.Epoch!.Ackers.Contains(Watched) && !status.State.Find(Watched)!.IsToBeProvisioned, "it is taken back");
        await load.CheckAsync(output, "a watched server taken out to be filled anew, and back");
    }

    [Fact]
    public async Task WhoMakesItWritableIsOverruled()
    {
        await cluster.UntilHealthyAsync();
        await cluster.WriteByHandAsync(Watched, "SET GLOBAL read_only = 0");
        await Deadline.UntilAsync(async () => await cluster.ScalarAsync(Watched, "SELECT @@read_only") == "1", "it is read-only again", HealingCluster.Patience);
        await cluster.UntilHealthyAsync();
    }

    [Fact]
    public async Task ASwitchoverToItIsRefusedAtOnceWithWhatToDo()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        var outcome = await new ClusterManager(cluster.Anybody, TimeProvider.System).OrderAsync(new Order { Kind = OrderKind.Switchover, To = Watched }, HealingCluster.Patience, CancellationToken.None);
        Assert.False(outcome.IsDone);
        Assert.Contains(outcome.Decisions, decision => decision.Why.Contains("supervise: start or attach", StringComparison.Ordinal));
        Assert.Equal(old, (await cluster.UntilHealthyAsync()).Primary!.Name);
    }
}
