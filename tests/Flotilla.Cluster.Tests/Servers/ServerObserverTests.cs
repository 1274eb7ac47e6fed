using System.Diagnostics;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>What a server is seen to be, alive, hung and dead.</summary>
[Trait("tier", "full")]
public sealed class ServerObserverTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(700);

    [Fact]
    public async Task APrimaryAndItsReplicaAreSeenAsSuch()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (await cluster.Primary.SeeAsync(), await cluster.Servers[1].SeeAsync());
        Assert.StartsWith("10.11.", primary.Version, StringComparison.Ordinal);
        Assert.Equal((1u, false, true, false), (primary.ServerId, primary.IsReadOnly, primary.IsSemiSyncPrimary, primary.IsSemiSyncReplica));
        Assert.Null(primary.Replica);
        Assert.Equal([2u], primary.ConnectedReplicas);
        Assert.Equal("0-1-2", primary.LoggedState);
        Assert.Equal((2u, true, false, true), (replica.ServerId, replica.IsReadOnly, replica.IsSemiSyncPrimary, replica.IsSemiSyncReplica));
        Assert.Equal(primary.Logged, replica.Logged);
        Assert.Equal(primary.Logged, replica.Applied);
        var from = replica.Replica!;
        Assert.Equal((cluster.Primary.Address.Host, cluster.Primary.Address.Port), (from.SourceHost, from.SourcePort));
        Assert.True(from is { UsesGtid: true, IsReceiverRunning: true, IsReceiverConnected: true, IsApplierRunning: true, HasUnapplied: false, LagSeconds: 0 });
        Assert.Equal(primary.Logged, from.Received);
        Assert.Equal("1.000", await cluster.Servers[1].ScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'SLAVE_HEARTBEAT_PERIOD'"));
    }

    [Fact]
    public async Task AHungServerIsSilentAndOneThatIsOnlyWaitingForAnAcknowledgementIsNot()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await replica.Control.StopReceiverAsync();
        var write = await TestCluster.BeginWriteAsync(primary, "INSERT INTO app.t (id) VALUES (2)");
        await primary.UntilRowsWaitAsync(1);
        // The second one waits for the first, with the lock of the binary log.
        var second = await TestCluster.BeginWriteAsync(primary, "INSERT INTO app.t (id) VALUES (3)");
        await Deadline.UntilAsync(
            async () => await primary.ScalarAsync("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'INSERT INTO app.t%'") == "2", "both are under way");
        Assert.Equal(WriteProbeOutcome.Committed, (await primary.Observer.ProbeAsync(TestServer.Patience)).Outcome);

        await replica.Control.FollowAsync(primary.Address);
        await write;
        await second;
        primary.Suspend();
        try
        {
            var start = Stopwatch.GetTimestamp();
            Assert.Equal(WriteProbeOutcome.Silent, (await primary.Observer.ProbeAsync(Short)).Outcome);
            Assert.Equal(WriteProbeOutcome.Silent, (await primary.Observer.ProbeAsync(Short)).Outcome);
            Assert.False((await primary.Observer.ObserveAsync(Short)).IsAnswering);
            Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(15));

            // A replica leaves a hung primary without waiting for it.
            start = Stopwatch.GetTimestamp();
            await replica.Control.StopReceiverAsync();
            Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        }
        finally
        {
            primary.Resume();
        }

        await Deadline.UntilAsync(async () => (await primary.Observer.ProbeAsync(TestServer.Patience)).Outcome == WriteProbeOutcome.Committed, "it commits again");
        Assert.True((await primary.SeeAsync()).IsAnswering);
    }

    [Fact]
    public async Task AServerThatCannotWriteOrIsGoneIsToldApart()
    {
        await using var server = await TestServer.StartAsync(1, [1]);
        await using (var root = await MySqlConnection.OpenAsync(server.Root))
        {
            await root.ExecuteAsync("FLUSH TABLES WITH READ LOCK");
            Assert.Equal(WriteProbeOutcome.Silent, (await server.Observer.ProbeAsync(Short)).Outcome);
        }

        await Deadline.UntilAsync(async () => (await server.Observer.ProbeAsync(TestServer.Patience)).Outcome == WriteProbeOutcome.Committed, "it commits again");
        await server.SqlAsync("SET sql_log_bin = 0; DROP TABLE flotilla.probe");
        Assert.Equal(WriteProbeOutcome.Refused, (await server.Observer.ProbeAsync(TestServer.Patience)).Outcome);
        await server.KillAsync();
        Assert.Equal(WriteProbeOutcome.Unreachable, (await server.Observer.ProbeAsync(TestServer.Patience)).Outcome);
        Assert.False((await server.Observer.ObserveAsync(TestServer.Patience)).IsAnswering);
    }

    [Fact]
    public async Task SettingsThatAreWrongAreNamedAndThoseThatCanBeAreMended()
    {
        await using var server = await TestServer.StartAsync(1, [1]);
        await server.SqlAsync("SET GLOBAL sync_binlog = 0, GLOBAL gtid_strict_mode = OFF, GLOBAL slave_net_timeout = 60");
        var report = await server.PrepareAsync([1]);
        Assert.Equal(["gtid_strict_mode", "slave_net_timeout", "sync_binlog"], report.Findings.Select(finding => finding.Setting.Name).Order());
        Assert.True(report.IsSafe);
        Assert.Equal("1", await server.ScalarAsync("SELECT @@GLOBAL.sync_binlog"));
        Assert.Empty((await server.PrepareAsync([1])).Findings);
        Assert.Equal("", await server.ScalarAsync("SELECT @@GLOBAL.gtid_binlog_pos"));
    }

    [Fact]
    public async Task AnErrorNamesServerActionStatementAndAnswerAndNoPassword()
    {
        await using var server = await TestServer.StartAsync(1, [1]);
        var limits = new ServerLimits { Quick = TimeSpan.FromMilliseconds(300) };
        var wrong = new ServerControl(server.Managed with { Session = server.Managed.Session with { Password = "wrong" } }, limits, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<ServerActionException>(() => wrong.DetachAsync());
        Assert.Equal((ServerActionProblem.Refused, "detach", "server1"), (failure.Problem, failure.Action, failure.Server.ToString()));

        await server.SqlAsync("CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_USER = 'x'");
        failure = await Assert.ThrowsAsync<ServerActionException>(() => server.Control.FollowAsync(new ServerAddress("", 1)));
        Assert.Equal(ServerActionProblem.Refused, failure.Problem);
        Assert.StartsWith("CHANGE MASTER TO ", failure.Statement, StringComparison.Ordinal);
        Assert.DoesNotContain(TestServer.Accounts.ReplicaPassword(1), failure.ToString(), StringComparison.Ordinal);
    }
}
