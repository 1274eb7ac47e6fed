using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>Holes on the side of the replica: rows that were acknowledged and are in relay logs only. Each is shown to be lost the usual way, beside ours.</summary>
[Trait("tier", "full")]
public sealed class RelayLogTests
{
    [Fact]
    public async Task ARelayLogIsDrainedBeforeItsApplierStops()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (primary, naive, ours) = (cluster.Primary, cluster.Servers[1], cluster.Servers[2]);
        await DelayAsync(cluster, naive, 3600);
        await DelayAsync(cluster, ours, 2);
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await UntilReceivedAsync(cluster);
        await primary.KillAsync();

        await naive.SqlAsync("STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 0; START SLAVE");
        await naive.UntilAsync(seen => seen.Replica is { IsApplierRunning: true }, "its applier runs");
        Assert.False((await naive.SeeAsync()).Replica!.HasUnapplied);
        Assert.Equal("1", await naive.RowsAsync());

        var received = await ours.Control.StopReceiverAsync();
        await Assert.ThrowsAsync<ServerActionException>(() => ours.Control.DetachAsync());
        Assert.Equal(received, await ours.Control.WaitAppliedAsync(TestServer.Patience));
        await ours.Control.PromoteAsync(new HashSet<uint> { 2 });
        Assert.Equal("1,2", await ours.RowsAsync());
    }

    [Fact]
    public async Task ARelayLogIsSalvagedWhenItsServerWasRestartedAndThePrimaryIsGone()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (primary, naive, ours) = (cluster.Primary, cluster.Servers[1], cluster.Servers[2]);
        await DelayAsync(cluster, naive, 3600);
        await DelayAsync(cluster, ours, 3600);
        for (var id = 2; id <= 4; id++)
            await primary.WriteAsync($"INSERT INTO app.t (id) VALUES ({id})");
        await UntilReceivedAsync(cluster);
        var end = (await primary.SeeAsync()).Logged;
        foreach (var server in cluster.Servers)
            await server.KillAsync();
        await Task.WhenAll(naive.RestartAsync(hasSuccessor: true), ours.RestartAsync(hasSuccessor: true));

        Assert.True((await naive.SeeAsync()).Replica!.HasUnapplied);
        // With a hole between what is applied and what is here, applying would leave something out for ever.
        await naive.SqlAsync("SET GLOBAL gtid_slave_pos = '0-1-1'");
        Assert.Equal("0-1-1", (await naive.Control.StopReceiverAsync()).ToString());
        await naive.SqlAsync("SET GLOBAL gtid_slave_pos = '0-1-2'");
        await naive.SqlAsync("CHANGE MASTER TO MASTER_DELAY = 0; START SLAVE SQL_THREAD");
        await naive.UntilAsync(seen => seen.Replica is { IsApplierRunning: true }, "its applier runs");
        Assert.Equal("1", await naive.RowsAsync());

        await ours.SqlAsync("CHANGE MASTER TO MASTER_DELAY = 0, RELAY_LOG_FILE = 'mysql-relay.000002', RELAY_LOG_POS = 4");
        Assert.True((await ours.SeeAsync()).Replica!.HasUnapplied);
        Assert.Equal(end, await ours.Control.StopReceiverAsync());
        var refusal = await Assert.ThrowsAsync<ServerActionException>(() => ours.Control.WaitAppliedAsync(TestServer.Patience));
        Assert.Equal(ServerActionProblem.NotReady, refusal.Problem);
        await Assert.ThrowsAsync<ServerActionException>(() => ours.Control.FollowAsync(naive.Address));
        Assert.Equal(end, await ours.Control.SalvageAsync(TestServer.Patience));
        Assert.Equal("1,2,3,4", await ours.RowsAsync());
        Assert.Equal(end, await ours.Control.SalvageAsync(TestServer.Patience));
        await ours.Control.PromoteAsync(new HashSet<uint> { 2 });
        Assert.Equal(end, (await ours.SeeAsync()).Logged);
    }

    [Fact]
    public async Task TheMostAdvancedReplicaIsNotTheOneThatIsPromotedAndTheOtherFetchesFromIt()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (primary, candidate, advanced) = (cluster.Primary, cluster.Servers[1], cluster.Servers[2]);
        await candidate.Control.StopReceiverAsync();
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await primary.KillAsync();
        var less = await candidate.Control.StopReceiverAsync();
        var more = await advanced.Control.StopReceiverAsync();
        Assert.Equal(PositionOrder.Before, less.CompareTo(more));

        await advanced.Control.WaitAppliedAsync(TestServer.Patience);
        await advanced.Control.LetInAsync(candidate.Id);
        await candidate.Control.CatchUpFromAsync(advanced.Address, more, TestServer.Patience);
        await candidate.Control.CatchUpFromAsync(advanced.Address, more, TestServer.Patience);
        await candidate.Control.PromoteAsync(new HashSet<uint> { 3 });
        await advanced.Control.FollowAsync(candidate.Address);
        await candidate.WriteAsync("INSERT INTO app.t (id) VALUES (3)");
        await advanced.UntilAppliedAsync("1,2,3");
    }

    /// <summary>The engine may have forgotten its last commit, and the relay log be gone since the replica was pointed anew: in the role of a replica the binary log is truncated too.</summary>
    [Fact]
    public async Task AReplicaThatDiedKeepsWhatItAcknowledgedThoughItsRelayLogIsGone()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (primary, naive, ours) = (cluster.Primary, cluster.Servers[1], cluster.Servers[2]);
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await naive.UntilAppliedAsync("1,2");
        await ours.UntilAppliedAsync("1,2");
        foreach (var replica in (TestServer[])[naive, ours])
        {
            await replica.SqlAsync("STOP SLAVE; CHANGE MASTER TO MASTER_CONNECT_RETRY = 1");
            await replica.KillAsync();
        }

        await primary.KillAsync();
        await Task.WhenAll(naive.RestartAsync(ServerRole.Replica), ours.RestartAsync(hasSuccessor: true));
        Assert.Equal("1", await naive.RowsAsync());
        Assert.Equal("0-1-2", (await naive.Control.SalvageAsync(TestServer.Patience)).ToString());
        Assert.Equal("1,2", await ours.RowsAsync());
        Assert.Equal("0-1-3", (await ours.Control.SalvageAsync(TestServer.Patience)).ToString());
    }

    /// <summary>A transaction that the primary was still sending is in the relay log in part: it is no reason to wait.</summary>
    [Fact]
    public async Task ATransactionThatIsReceivedInPartHoldsUpNoPromotion()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await primary.SqlAsync("SET sql_log_bin = 0; CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, v LONGBLOB) ENGINE = InnoDB");
        await replica.SqlAsync("SET sql_log_bin = 0; CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, v LONGBLOB) ENGINE = InnoDB");
        var write = await TestCluster.BeginWriteAsync(primary, "INSERT INTO app.big (v) SELECT REPEAT('x', 8000000) FROM app.seq_1_to_12");
        var before = (await replica.SeeAsync()).Replica!.Received;
        await Deadline.UntilAsync(
            () => write.IsCompleted || Directory.GetFiles(replica.Managed.DataFolder!, "mysql-relay.0*").Sum(file => new FileInfo(file).Length) > 1_000_000, "a part is received");
        Assert.False(write.IsCompleted);
        await primary.KillAsync();
        await Assert.ThrowsAnyAsync<MySqlException>(() => write);

        var received = await replica.Control.StopReceiverAsync();
        await replica.Control.WaitAppliedAsync(TestServer.Patience);
        await replica.Control.PromoteAsync(new HashSet<uint> { 1 });
        Assert.Equal(received, (await replica.SeeAsync()).Logged);
        Assert.Contains(received.CompareTo(before), (PositionOrder[])[PositionOrder.Equal, PositionOrder.After]);
    }

    private static async Task DelayAsync(TestCluster cluster, TestServer replica, int seconds)
    {
        await replica.SqlAsync($"STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = {seconds}; START SLAVE");
        await Deadline.UntilAsync(async () => (await cluster.Primary.SeeAsync()).ConnectedReplicas.Contains(replica.Id), "the replica is connected");
    }

    private static async Task UntilReceivedAsync(TestCluster cluster)
    {
        var end = (await cluster.Primary.SeeAsync()).Logged;
        foreach (var replica in cluster.Servers.Skip(1))
            await replica.UntilAsync(seen => seen.Replica!.Received.Equals(end), "all is received");
    }
}
