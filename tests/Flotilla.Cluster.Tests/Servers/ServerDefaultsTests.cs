using Flotilla.Cluster.Servers;
using Flotilla.Cluster.Topology;
using Flotilla.MySql;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>Servers that somebody set up for something else.</summary>
[Trait("tier", "full")]
public sealed class ServerDefaultsTests
{
    private const string Odd =
        "SET GLOBAL autocommit = 0, GLOBAL sql_safe_updates = 1, GLOBAL sql_select_limit = 1, GLOBAL completion_type = 2, GLOBAL tx_read_only = 1, "
        + "GLOBAL sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'";

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task ActionsAndLooksDoNotDependOnWhatSessionsBeginWith(DatabaseKind kind)
    {
        uint[] all = [1, 2, 3];
        await using var server = await TestServer.StartAsync(1, all, kind);
        await server.SqlAsync(kind == DatabaseKind.MariaDb ? Odd + ", GLOBAL max_statement_time = 0.001" : Odd);
        await server.PrepareAsync(all);

        await server.Control.BecomePrimaryAsync(new HashSet<uint> { 2, 3 }, needsAcknowledgement: false, epoch: 7);
        if (kind == DatabaseKind.MariaDb)
            Assert.Equal("7", await server.ScalarAsync("SELECT MAX(number) FROM flotilla.epochs"));
        Assert.Equal(2, (await server.SeeAsync()).AllowedReplicas.Count);
        await server.Control.AllowAsync(new HashSet<uint> { 3 });
        Assert.Equal("id-3", Assert.Single((await server.SeeAsync()).AllowedReplicas).ToString());

        Assert.Equal(WriteProbeOutcome.Committed, (await server.Observer.ProbeAsync(TestServer.Patience)).Outcome);
        Assert.Equal("1", await server.ScalarAsync("SELECT COUNT(*) FROM flotilla.probe"));
        await using var table = new MembersTable(server.Managed, TimeProvider.System);
        var topology = new ClusterTopology { Cluster = "it's a \\", Epoch = 1, Version = 1, HasQuorum = true, At = DateTimeOffset.UtcNow, Members = [] };
        await table.WriteAsync(topology, TestServer.Patience);
        await table.WriteAsync(topology with { Version = 2 }, TestServer.Patience);
        Assert.Equal("it's a \\", await server.ScalarAsync("SELECT cluster FROM flotilla.members_beat"));
    }

    [Theory]
    [InlineData("--replicate-do-db=app", "replicate_do_db")]
    [InlineData("--replicate-wild-ignore-table=app.%", "replicate_wild_ignore_table")]
    [InlineData("--binlog-ignore-db=app", "binlog_ignore_db")]
    public async Task AServerThatLeavesOutATableIsNotTaken(string argument, string name)
    {
        await using var server = await TestServer.StartAsync(1, [1, 2], more: argument);
        var report = await server.PrepareAsync([1, 2]);
        Assert.Equal(name, Assert.Single(report.Findings, finding => !finding.IsMended).Setting.Name);
    }

    [Fact]
    public async Task WhatWasSaidOfAnEarlierSourceIsForgotten()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var replica = cluster.Servers[1];
        await replica.Control.DetachAsync();
        await replica.SqlAsync("CHANGE MASTER TO MASTER_HOST = 'elsewhere', MASTER_USER = 'x', MASTER_DELAY = 3600, IGNORE_SERVER_IDS = (1), IGNORE_DOMAIN_IDS = (0)");
        await replica.Control.FollowAsync(cluster.Primary.Address);
        await cluster.Primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await replica.UntilAppliedAsync("1,2");
    }

    /// <summary>A statement that a hung server had not read yet is carried out when it goes on, after its action failed: its session has to be ended before anybody looks.</summary>
    [Fact]
    public async Task WhatAHungServerWasToldIsCarriedOutUnlessItsSessionIsEnded()
    {
        await using var server = await TestServer.StartAsync(1, [1, 2]);
        var hasty = new ServerControl(server.Managed, new ServerLimits { Quick = TimeSpan.FromMilliseconds(300), Kill = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        await using var blocker = await MySqlConnection.OpenAsync(server.Root);
        await blocker.ExecuteAsync("FLUSH TABLES WITH READ LOCK");
        // It waits for a lock, where a statement that was not read would wait for the server.
        var action = hasty.FollowAsync(new ServerAddress("127.0.0.1", 1));
        await Deadline.UntilAsync(async () => await SessionsAsync(server) != "0", "the action has its session");
        server.Suspend();
        var failure = await Assert.ThrowsAsync<ServerActionException>(() => action);
        Assert.True(failure.IsInDoubt);
        server.Resume();
        await server.Control.EndFormerSessionsAsync(server.Root);
        Assert.Equal("0", await SessionsAsync(server));

        static Task<string?> SessionsAsync(TestServer server) => server.ScalarAsync($"SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{ServerAccounts.NodeUser}'");
    }
}
