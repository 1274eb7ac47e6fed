using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>What the simulated servers take for granted and the design relies on, on a real one.</summary>
[Trait("tier", "full")]
public sealed class ModelFactTests
{
    /// <summary>Who is taken for one that has it all may be the only one that is asked for it later.</summary>
    [Fact]
    public async Task WhatIsReceivedInPartIsNotReportedAsReceived()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await primary.WriteAsync("CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, v LONGBLOB) ENGINE = InnoDB");
        await primary.Control.SetNeedsAcknowledgementAsync(false);
        await replica.Control.StopReceiverAsync();
        var before = (await replica.SeeAsync()).Replica!.Received;
        await primary.WriteAsync("INSERT INTO app.big (v) SELECT REPEAT('x', 20000) FROM app.seq_1_to_150");
        var end = (await primary.SeeAsync()).Logged;
        var bytes = RelayBytes(replica);

        await replica.SqlAsync("SET GLOBAL read_binlog_speed_limit = 1000; START SLAVE IO_THREAD");
        var sawPart = false;
        await replica.UntilAsync(
            seen =>
            {
                var isPart = RelayBytes(replica) is var now && now > bytes + 100_000 && now < bytes + 2_000_000;
                Assert.True(!isPart || seen.Replica!.Received.Equals(before), $"{seen.Replica!.Received} with {now - bytes} bytes of it");
                sawPart |= isPart;
                return seen.Replica!.Received.Equals(end);
            },
            "all is received");
        Assert.True(sawPart);
    }

    [Fact]
    public async Task ANumberThatWasTruncatedIsGivenAgain()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var old = cluster.Primary;
        var tail = await DieWithATailAsync(cluster);
        await old.RestartAsync(ServerRole.Replica);
        await old.Control.PromoteAsync(new HashSet<uint> { 2 }, needsAcknowledgement: false);
        await old.WriteAsync("INSERT INTO app.t (id) VALUES (3)");
        Assert.Equal((tail, "1,3"), ((await old.SeeAsync()).Logged, await old.RowsAsync()));
    }

    [Fact]
    public async Task ANumberThatWasTruncatedIsNotGivenAgainWhenEachEpochBeginsWithATransactionOfItsPrimary()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (old, next) = (cluster.Primary, cluster.Servers[1]);
        var tail = await DieWithATailAsync(cluster);
        await next.Control.BecomePrimaryAsync(new HashSet<uint> { 1 }, needsAcknowledgement: false, epoch: 2);
        await old.RestartAsync(ServerRole.Replica);
        await old.Control.FollowAsync(next.Address);
        var second = (await next.SeeAsync()).Logged;
        await old.UntilAsync(seen => seen.Applied.Equals(second), "the epoch's transaction has come");

        await old.Control.BecomePrimaryAsync(new HashSet<uint> { 2 }, needsAcknowledgement: false, epoch: 3);
        var (truncated, first) = (Assert.Single(((GtidPosition)tail).Last), Assert.Single(((GtidPosition)(await old.SeeAsync()).Logged).Last));
        Assert.Equal((truncated.Server, truncated.Sequence + 1), (first.Server, first.Sequence));
        Assert.Equal("2,3", await old.ScalarAsync("SELECT GROUP_CONCAT(number ORDER BY number) FROM flotilla.epochs"));
    }

    [Fact]
    public async Task AnEpochsTransactionWaitsForNobodyAndIsWrittenOnce()
    {
        await using var server = await TestServer.StartAsync(1, [1, 2]);
        var before = (await server.SeeAsync()).Logged;
        await server.Control.BecomePrimaryAsync(new HashSet<uint> { 2 }, needsAcknowledgement: true, epoch: 5);
        var seen = await server.SeeAsync();
        Assert.Equal(PositionOrder.After, seen.Logged.CompareTo(before));
        Assert.True(seen is { IsReadOnly: true, IsSemiSyncPrimary: true });
        await server.Control.BecomePrimaryAsync(new HashSet<uint> { 2 }, needsAcknowledgement: true, epoch: 5);
        Assert.Equal(seen.Logged, (await server.SeeAsync()).Logged);
    }

    /// <summary>The engine may have forgotten what it applied last, and what it was applied from is gone.</summary>
    [Fact]
    public async Task WhatWasAppliedIsOnTheEnginesDiskBeforeItsRelayLogGoes()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (primary, naive, ours) = (cluster.Primary, cluster.Servers[1], cluster.Servers[2]);
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await naive.UntilAppliedAsync("1,2");
        await ours.UntilAppliedAsync("1,2");
        await naive.SqlAsync("STOP SLAVE; CHANGE MASTER TO MASTER_CONNECT_RETRY = 1");
        await naive.KillAsync();
        await ours.Control.DetachAsync();
        await ours.KillAsync();
        await Task.WhenAll(naive.RestartAsync(ServerRole.Replica), ours.RestartAsync(ServerRole.Replica));
        Assert.Equal(("1", "1,2"), (await naive.RowsAsync(), await ours.RowsAsync()));
    }

    /// <summary>Also where the group's state says otherwise: who died before it became a primary has nothing that nobody acknowledged.</summary>
    [Fact]
    public async Task AReplicaIsKnownByAFileUntilItIsDetached()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        Assert.Equal((ServerRole.Replica, ServerRole.Primary), (Role(primary), Role(replica)));
        await replica.Control.StopReceiverAsync();
        Assert.Equal(ServerRole.Primary, Role(replica));
        await replica.Control.DetachAsync();
        Assert.Equal(ServerRole.Replica, Role(replica));
        await replica.Control.FollowAsync(primary.Address);
        Assert.Equal(ServerRole.Primary, Role(replica));

        static ServerRole Role(TestServer server) => new DataFolder(server.Managed.DataFolder!).RecoveryRole(hasSuccessor: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SET SESSION gtid_domain_id = 7; ")]
    [InlineData("SET SESSION server_id = 99; ")]
    public async Task WhateverIsWrittenBehindAComparisonMovesThePosition(string how)
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var replica = cluster.Servers[1];
        await replica.Control.DetachAsync();
        Assert.Empty(await replica.Control.CompareAsync((await cluster.Primary.SeeAsync()).LoggedState));
        var known = await replica.Control.LoggedAsync();
        await replica.SqlAsync(how + "INSERT INTO app.t (id) VALUES (50)");
        Assert.False(known.Contains(await replica.Control.LoggedAsync()));
        Assert.NotEmpty(await replica.Control.CompareAsync((await cluster.Primary.SeeAsync()).LoggedState));
    }

    /// <summary>The primary is killed with a commit that nobody acknowledged; returns where its log ended.</summary>
    private static async Task<ReplicationPosition> DieWithATailAsync(TestCluster cluster)
    {
        await cluster.Servers[1].Control.StopReceiverAsync();
        var write = await TestCluster.BeginWriteAsync(cluster.Primary, "INSERT INTO app.t (id) VALUES (2)");
        await cluster.Primary.UntilRowsWaitAsync(1);
        var tail = (await cluster.Primary.SeeAsync()).Logged;
        await cluster.Primary.KillAsync();
        await Assert.ThrowsAnyAsync<MySqlException>(() => write);
        return tail;
    }

    private static long RelayBytes(TestServer server) => Directory.GetFiles(server.Managed.DataFolder!, "mysql-relay.0*").Sum(file => new FileInfo(file).Length);
}
