using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>Holes of semi-sync on the side of the primary: what answers OK without an acknowledgement, or waits for one that can't come.</summary>
[Trait("tier", "full")]
public sealed class AcknowledgementTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task TheServersOwnLimitAnswersWithoutAnAcknowledgementAndOursDoesNot()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var primary = cluster.Primary;
        await cluster.Servers[1].Control.StopReceiverAsync();

        await primary.SqlAsync("SET GLOBAL rpl_semi_sync_master_timeout = 50");
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        Assert.False((await primary.SeeAsync()).IsSemiSyncPrimary);

        await primary.Control.SetNeedsAcknowledgementAsync(true);
        Assert.Equal("3153600000000", await primary.ScalarAsync("SELECT @@GLOBAL.rpl_semi_sync_master_timeout"));
        var write = await TestCluster.BeginWriteAsync(primary, "INSERT INTO app.t (id) VALUES (3)");
        await primary.UntilRowsWaitAsync(1);
        await Task.Delay(Moment);
        Assert.False(write.IsCompleted);
        Assert.Equal("1,2", await primary.RowsAsync());

        await cluster.Servers[1].Control.FollowAsync(primary.Address);
        await write;
    }

    [Fact]
    public async Task AReplicaThatIsLockedOutAcknowledgesNothingUntilItIsLetIn()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (primary, other) = (cluster.Primary, cluster.Servers[2]);
        await primary.Control.LockOutAsync(2);
        await primary.Control.LockOutAsync(2);
        Assert.Equal([3u], (await primary.SeeAsync()).ConnectedReplicas);
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");

        await other.Control.StopReceiverAsync();
        var write = await TestCluster.BeginWriteAsync(primary, "INSERT INTO app.t (id) VALUES (3)");
        await primary.UntilRowsWaitAsync(1);
        await Task.Delay(Moment);
        Assert.False(write.IsCompleted);

        await primary.Control.LetInAsync(2);
        await write.WaitAsync(TestServer.Patience);
        await cluster.Servers[1].UntilAppliedAsync("1,2,3");
    }

    /// <summary>Preparing writes accounts; with an acknowledgement awaited for them, no replica could ever be let in to give it.</summary>
    [Fact]
    public async Task APrimaryThatWaitsForAcknowledgementsCanBePreparedBeforeItHasAReplica()
    {
        await using var primary = await TestServer.StartAsync(1, [1, 2]);
        await primary.Control.PromoteAsync(new HashSet<uint>());
        await using (var root = await MySqlConnection.OpenAsync(primary.Root with { CommandTimeout = Moment }))
            await Assert.ThrowsAsync<MySqlTimeoutException>(async () => await root.ExecuteAsync("CREATE TABLE app.naive (id INT)"));

        var report = await primary.PrepareAsync([1, 2, 3]);
        Assert.True(report.IsSafe, string.Join('\n', report.Findings));
        await primary.Control.LetInAsync(3);
        await using var observer = new ServerObserver(primary.Managed, TimeProvider.System);
        Assert.Equal(WriteProbeOutcome.Committed, (await observer.ProbeAsync(TestServer.Patience)).Outcome);
    }

    [Fact]
    public async Task ThePrimarysFlagOnAReplicaHangsItsApplierAndFollowingTakesItAway()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await replica.SqlAsync("SET GLOBAL rpl_semi_sync_master_timeout = 3153600000000, GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC, GLOBAL rpl_semi_sync_master_enabled = ON");
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await replica.UntilRowsWaitAsync(1);
        Assert.Equal("1", await replica.RowsAsync());

        await replica.Control.FollowAsync(primary.Address);
        await replica.UntilAppliedAsync("1,2");
        Assert.Equal("0", await replica.ScalarAsync("SELECT @@GLOBAL.rpl_semi_sync_master_enabled"));
    }

    [Fact]
    public async Task ADemotionThatCannotMakeTheServerReadOnlyLeavesItWritableAndAnswersNobodyFalsely()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await replica.Control.StopReceiverAsync();
        var write = await TestCluster.BeginWriteAsync(primary, "INSERT INTO app.t (id) VALUES (2)");
        await primary.UntilRowsWaitAsync(1);

        var failure = await Assert.ThrowsAsync<ServerActionException>(() => primary.Control.DemoteAsync());
        Assert.Equal(ServerActionProblem.TimedOut, failure.Problem);
        Assert.Equal("SET GLOBAL read_only = 1", failure.Statement);
        var seen = await primary.SeeAsync();
        Assert.False(seen.IsReadOnly);
        Assert.True(seen.IsSemiSyncPrimary);
        Assert.False(write.IsCompleted);

        await replica.Control.FollowAsync(primary.Address);
        await write.WaitAsync(TestServer.Patience);
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (3)");

        // What others do: the client is told OK, and the row is nowhere else.
        await replica.Control.StopReceiverAsync();
        write = await TestCluster.BeginWriteAsync(primary, "INSERT INTO app.t (id) VALUES (4)");
        await primary.UntilRowsWaitAsync(1);
        await primary.SqlAsync("SET GLOBAL rpl_semi_sync_master_enabled = OFF");
        await write.WaitAsync(TestServer.Patience);
        Assert.Equal("1,2,3", await replica.RowsAsync());
    }

    [Fact]
    public async Task ADemotionThatFailsWhenTheServerIsReadOnlyMakesItWritableAgain()
    {
        await using var primary = await TestServer.StartAsync(1, [1]);
        await primary.SqlAsync("SET sql_log_bin = 0; CREATE USER limited IDENTIFIED BY 'limited'; GRANT PROCESS, READ_ONLY ADMIN ON *.* TO limited");
        await primary.Control.PromoteAsync(new HashSet<uint>());
        var limited = new ServerControl(primary.Managed with { Session = primary.Managed.Session with { User = "limited", Password = "limited" } }, new ServerLimits(), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<ServerActionException>(() => limited.DemoteAsync());
        Assert.Equal((ServerActionProblem.Refused, "SET GLOBAL rpl_semi_sync_master_enabled = OFF"), (failure.Problem, failure.Statement));
        Assert.True(await primary.SeeAsync() is { IsReadOnly: false, IsSemiSyncPrimary: true });

        // One that was read-only before stays so.
        await primary.SqlAsync("SET GLOBAL read_only = 1");
        await Assert.ThrowsAsync<ServerActionException>(() => limited.DemoteAsync());
        Assert.True((await primary.SeeAsync()).IsReadOnly);
    }

    [Fact]
    public async Task ASwitchoverLosesNothingAndTheOldPrimaryFollows()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (old, next, other) = (cluster.Primary, cluster.Servers[1], cluster.Servers[2]);
        await using var idle = await MySqlConnection.OpenAsync(old.Client);
        await idle.ExecuteAsync("BEGIN");
        await idle.ExecuteAsync("INSERT INTO app.t (id) VALUES (100)");

        await old.Control.DemoteAsync();
        await Assert.ThrowsAnyAsync<MySqlException>(async () => await idle.ExecuteAsync("COMMIT"));
        var refusal = await Assert.ThrowsAsync<MySqlServerException>(() => old.WriteAsync("INSERT INTO app.t (id) VALUES (101)"));
        Assert.Equal(1290, refusal.Number);
        var end = (await old.SeeAsync()).Logged;
        await Deadline.UntilAsync(async () => (await next.SeeAsync()).Replica!.Received.Equals(end), "all is received");
        await next.Control.StopReceiverAsync();
        await next.Control.WaitAppliedAsync(TestServer.Patience);
        await next.Control.PromoteAsync(new HashSet<uint> { 1, 3 });
        await next.Control.PromoteAsync(new HashSet<uint> { 1, 3 });
        await other.Control.FollowAsync(next.Address);
        await old.Control.FollowAsync(next.Address);
        await next.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await old.UntilAppliedAsync("1,2");
        await other.UntilAppliedAsync("1,2");
        Assert.True((await old.SeeAsync()).IsReadOnly);
    }

    [Fact]
    public async Task WhoIsNoAckerOfTheEpochIsLockedOutBeforeTheServerIsWritable()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        await cluster.Primary.Control.PromoteAsync(new HashSet<uint>());
        Assert.Empty((await cluster.Primary.SeeAsync()).ConnectedReplicas);
        await cluster.Primary.Control.PromoteAsync(new HashSet<uint> { 2, 9 });
        Assert.Equal(["id-2", "id-9"], (await cluster.Primary.SeeAsync()).AllowedReplicas.Select(name => name.ToString()).Order());
    }

    /// <summary>A replica of somebody else's account: the server counts it like any other.</summary>
    [Fact]
    public async Task AReplicaOfNobodysAcknowledgesTooAndIsSeen()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, acker) = (cluster.Primary, cluster.Servers[1]);
        await using var stranger = await TestServer.StartAsync(77, [77]);
        await primary.SqlAsync("SET sql_log_bin = 0; CREATE USER dba@'%' IDENTIFIED BY 'dba'; GRANT REPLICATION SLAVE ON *.* TO dba@'%'");
        await stranger.SqlAsync($"SET GLOBAL gtid_slave_pos = '{(await primary.SeeAsync()).Logged}', GLOBAL rpl_semi_sync_slave_enabled = 1");
        await stranger.SqlAsync($"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {primary.Address.Port}, MASTER_USER = 'dba', MASTER_PASSWORD = 'dba', MASTER_USE_GTID = slave_pos; START SLAVE");
        await primary.UntilAsync(seen => seen is { AcknowledgingReplicas: 2, ConnectedReplicas.Count: 2 }, "the stranger acknowledges");
        await acker.Control.StopReceiverAsync();
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        Assert.Equal("1", await acker.RowsAsync());
    }
}
