using System.Collections.Concurrent;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Hosting;
using Flotilla.Cluster.Management;
using Flotilla.TestSupport;

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
        {
            Assert.Equal(server.Name == status.Primary!.Name ? "0" : "1", await cluster.ScalarAsync(server.Name, "SELECT @@read_only"));
            await Deadline.UntilAsync(
                async () => await cluster.ScalarAsync(server.Name, "SELECT GROUP_CONCAT(role, status ORDER BY role) FROM flotilla.members") == "primaryup,replicaup,replicaup",
                $"flotilla.members on {server.Name} shows all",
                HealingCluster.Patience);
        }
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

    [Fact]
    public async Task ASwitchoverUnderWritesLosesNothing()
    {
        var status = await cluster.UntilHealthyAsync();
        var old = status.Primary!.Name;
        var next = status.State!.Servers.First(server => server.Name != old).Name;
        await using var load = await Load.StartAsync(cluster);
        var outcome = await new ClusterManager(cluster.Anybody, TimeProvider.System).OrderAsync(new Order { Kind = OrderKind.Switchover, To = next }, HealingCluster.Patience, CancellationToken.None);
        Assert.True(outcome.IsDone, $"{string.Join('\n', outcome.Decisions)}\n{cluster.Describe()}");
        Assert.Equal(next, (await cluster.UntilHealthyAsync()).Primary!.Name);
        await load.CheckAsync(output, "switchover");
    }

    [Fact]
    public async Task AHostThatIsStoppedInGoodOrderHandsItsPrimaryOverFirst()
    {
        var status = await cluster.UntilHealthyAsync();
        var old = status.Primary!.Name;
        var since = status.State!.LastDecision;
        await using var load = await Load.StartAsync(cluster);
        await cluster.StopNodeAsync(HealingCluster.IndexOf(old));
        status = await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");
        var decisions = status.State!.History.Where(decision => decision.Number > since).Select(decision => decision.What).ToList();
        Assert.Contains(decisions, what => what.StartsWith("switchover", StringComparison.Ordinal));
        Assert.DoesNotContain(decisions, what => what.StartsWith("failover", StringComparison.Ordinal));
        Assert.Contains(status.State.History, decision => decision.Number > since && decision.Why.EndsWith(" stops", StringComparison.Ordinal));
        await cluster.StartNodeAsync(HealingCluster.IndexOf(old));
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "a host stopped and started");
    }

    [Fact]
    public async Task NodesThatAreRestartedOneAfterTheOtherCostNoFailover()
    {
        var status = await cluster.UntilHealthyAsync();
        var since = status.State!.LastDecision;
        var processes = status.State.Servers.Select(server => cluster.ProcessOf(server.Name)).ToList();
        await using var load = await Load.StartAsync(cluster);
        foreach (var server in status.State.Servers)
        {
            await cluster.StopNodeAloneAsync(HealingCluster.IndexOf(server.Name));
            // Longer than its lease.
            await Task.Delay(TimeSpan.FromSeconds(3));
            await cluster.StartNodeAsync(HealingCluster.IndexOf(server.Name));
            await cluster.UntilAsync(known => known is { IsHealthy: true, View.Members.Length: 3, State.Epoch: { Ackers.Length: 2, LockedOut.IsEmpty: true } }, $"the node of {server.Name} is back");
        }

        await load.CheckAsync(output, "a rolling restart of the nodes");
        status = await cluster.UntilHealthyAsync();
        var decisions = status.State!.History.Where(decision => decision.Number > since).Select(decision => decision.What).ToList();
        Assert.Contains(decisions, what => what.StartsWith("switchover", StringComparison.Ordinal));
        Assert.DoesNotContain(decisions, what => what.StartsWith("failover", StringComparison.Ordinal) || what.StartsWith("start", StringComparison.Ordinal));
        Assert.Equal(processes, status.State.Servers.Select(server => cluster.ProcessOf(server.Name)));
    }

    [Fact]
    public async Task APrimaryInMaintenanceIsNotHandedOverWhenItsNodeStops()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await cluster.Anybody.SendAsync(new SetMaintenance(old, IsOn: true), CancellationToken.None);
        await cluster.StopNodeAloneAsync(HealingCluster.IndexOf(old));
        await cluster.StartNodeAsync(HealingCluster.IndexOf(old));
        Assert.Contains($"{old} stays primary while its node stops, as long as its lease lasts: {old} is in maintenance", cluster.Log, StringComparison.Ordinal);
        await cluster.UntilAsync(status => status.View.Has(new NodeName(old.ToString()[^1..])), "its node is back");
        await cluster.Anybody.SendAsync(new SetMaintenance(old, IsOn: false), CancellationToken.None);
        await cluster.UntilHealthyAsync();
    }

    [Fact]
    public async Task AfterATotalStopNobodyIsSaidToBeUpBeforeItWasHeardOf()
    {
        await cluster.UntilHealthyAsync();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StopNodeAsync));
        await cluster.StartNodeAsync(0);
        var told = new ConcurrentQueue<ClusterSnapshot>();
        cluster.Anybody.Changed += told.Enqueue;
        await Task.WhenAll(cluster.StartNodeAsync(1), cluster.StartNodeAsync(2));
        await cluster.UntilHealthyAsync();
        foreach (var name in cluster.Anybody.Status.State!.Servers.Select(server => server.Name))
        {
            var statuses = told.Select(status => status.State?.Find(name)?.Report.Status).OfType<ServerStatus>().ToList();
            Assert.Equal(ServerStatus.Unknown, statuses[0]);
            Assert.NotEqual(ServerStatus.Up, statuses.First(status => status != ServerStatus.Unknown));
        }
    }

    [Fact]
    public async Task APrimaryThatHangsIsKilledAndReplaced()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await using var load = await Load.StartAsync(cluster);
        cluster.SignalServer(old, "STOP");
        await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "SIGSTOP of the primary");
    }

    [Fact]
    public async Task APrimaryWhoseNodeIsGoneIsKilledByItsGuardAndReplaced()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await using var load = await Load.StartAsync(cluster);
        await cluster.KillNodeAsync(HealingCluster.IndexOf(old));
        await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");
        await load.UntilMoreAsync();
        await cluster.StartNodeAsync(HealingCluster.IndexOf(old));
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "the primary's node is killed");
    }

    [Fact]
    public async Task WhenAllServersAreKilledAtOnceNothingIsLost()
    {
        var servers = (await cluster.UntilHealthyAsync()).State!.Servers;
        var epoch = cluster.Anybody.Status.State!.LastEpoch;
        await using var load = await Load.StartAsync(cluster);
        foreach (var server in servers)
            cluster.SignalServer(server.Name, "KILL");
        await cluster.UntilAsync(status => status.Primary is not null && status.State!.LastEpoch > epoch, "a primary of a new epoch");
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "kill -9 of all three servers");
    }

    [Fact]
    public async Task WhenThePrimaryAndItsNodeDieAtOnceTheOthersGoOn()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await using var load = await Load.StartAsync(cluster);
        cluster.SignalServer(old, "KILL");
        await cluster.KillNodeAsync(HealingCluster.IndexOf(old));
        await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");
        await load.UntilMoreAsync();
        await cluster.StartNodeAsync(HealingCluster.IndexOf(old));
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "kill -9 of the primary and its node");
    }

    [Fact]
    public async Task AReplicaIsTakenOutAndTakenBackAndTheOtherFilledAnewWhileThereAreWrites()
    {
        var status = await cluster.UntilHealthyAsync();
        var replicas = status.State!.Servers.Select(server => server.Name).Where(name => name != status.Primary!.Name).ToList();
        var manager = new ClusterManager(cluster.Anybody, TimeProvider.System);
        await using var load = await Load.StartAsync(cluster);
        await DoneAsync(manager.Remove(replicas[0], isForced: false));
        Assert.Equal(2, (await cluster.UntilHealthyAsync()).State!.Servers.Length);
        await load.UntilMoreAsync();
        Assert.Equal("1", await cluster.ScalarAsync(replicas[0], "SELECT @@read_only"));
        Assert.NotNull(manager.Remove(replicas[1], isForced: false).Outlook.Refusal);

        await DoneAsync(manager.Add(replicas[0]));
        Assert.Equal(3, (await cluster.UntilHealthyAsync()).State!.Servers.Length);
        await cluster.UntilAsync(known => known.State!.Epoch!.Ackers.Length == 2, "both replicas acknowledge");
        await DoneAsync(manager.Reprovision(replicas[1]));
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "a replica taken out, taken back, the other filled anew");

        async Task DoneAsync(ClusterChange change)
        {
            var outcome = await manager.CarryOutAsync(change, HealingCluster.Patience, CancellationToken.None);
            Assert.True(outcome.IsDone, $"{change}\n{string.Join('\n', outcome.Decisions)}\n{cluster.Describe()}");
        }
    }

    [Fact]
    public async Task AReplicaIsFilledAnewWhileThereAreWrites()
    {
        var status = await cluster.UntilHealthyAsync();
        var replica = status.State!.Servers.First(server => server.Name != status.Primary!.Name).Name;
        await using var load = await Load.StartAsync(cluster);
        var ordered = await cluster.Anybody.SendAsync(new ProvisionServer(replica, "a test wants it"), CancellationToken.None);
        Assert.True(ordered.Find(replica)!.IsToBeProvisioned);
        await cluster.UntilAsync(known => known.State!.Find(replica) is { IsToBeProvisioned: false }, $"{replica} is filled anew");
        await cluster.UntilHealthyAsync();
        await load.CheckAsync(output, "a replica filled anew");
    }

    [Fact]
    public async Task WhatWasWrittenToAReplicaByHandIsSavedBeforeItIsTakenAway()
    {
        var status = await cluster.UntilHealthyAsync();
        var replica = status.State!.Servers.First(server => server.Name != status.Primary!.Name).Name;
        await using var load = await Load.StartAsync(cluster);
        await cluster.WriteByHandAsync(replica, $"INSERT INTO {Load.Table} VALUES (0, -1, 0)");
        await Deadline.UntilAsync(() => cluster.SavedBy(replica).Any(file => file.EndsWith(".sql", StringComparison.Ordinal)), "it is saved", HealingCluster.Patience);
        var before = status.State.LastDecision;
        await cluster.UntilAsync(known => known.State!.History.Any(one => one.Number > before && one.What == $"{replica} is filled anew"), $"{replica} is filled anew");
        await cluster.UntilHealthyAsync();
        Assert.Equal("0", await cluster.ScalarAsync(replica, $"SELECT COUNT(*) FROM {Load.Table} WHERE number = -1"));
        await load.CheckAsync(output, "a replica written by hand");
    }
}
