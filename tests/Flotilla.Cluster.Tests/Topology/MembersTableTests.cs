using Flotilla.Cluster.Core;
using Flotilla.Cluster.Tests.Servers;
using Flotilla.Cluster.Topology;
using Flotilla.MySql;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Cluster.Tests.Topology;

/// <summary>The view <c>flotilla.members</c> on real servers.</summary>
[Trait("tier", "full")]
public sealed class MembersTableTests
{
    private const string Shown = "SELECT GROUP_CONCAT(CONCAT_WS(' ', server, role, status, epoch, IFNULL(lag, '-'), quorum) ORDER BY server SEPARATOR '; ') FROM flotilla.members";

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task EveryUserReadsTheTopologyFromAReadOnlyServerAndNothingIsLogged(DatabaseKind kind)
    {
        await using var server = await TestServer.StartAsync(1, [1], kind);
        await server.SqlAsync("SET sql_log_bin = 0; GRANT USAGE ON *.* TO nobody@'%' IDENTIFIED BY 'nobody'; SET GLOBAL read_only = 1");
        var logged = await server.ScalarAsync(Logged(kind));
        await using var table = new MembersTable(server.Managed, TimeProvider.System);
        var source = new TopologySource("it's", new AnnouncedServers("a", TimeProvider.System), TimeProvider.System);
        source.Publish(SampleCluster.State, SampleCluster.View);
        await table.WriteAsync(source.Current, TestServer.Patience);

        Assert.Equal("db-a replica up 4 2 1; db-b primary up 4 0 1; db-c replica up 4 0 1", await AsNobodyAsync(server, Shown));
        Assert.Equal("it's", await AsNobodyAsync(server, "SELECT DISTINCT cluster FROM flotilla.members"));
        Assert.Equal("3306 north 3", await AsNobodyAsync(server, "SELECT CONCAT_WS(' ', port, site, ttl) FROM flotilla.members WHERE host = '10.0.0.1'"));
        await Assert.ThrowsAsync<MySqlServerException>(() => AsNobodyAsync(server, "DELETE FROM flotilla.members"));
        await Assert.ThrowsAsync<MySqlServerException>(() => AsNobodyAsync(server, "UPDATE flotilla.members_rows SET role = 'primary'"));

        source.Publish(SampleCluster.State with { LastEpoch = 5, Servers = SampleCluster.State.Servers.RemoveAt(0) }, NodeView.None);
        await table.WriteAsync(source.Current, TestServer.Patience);
        Assert.Equal("db-b replica up 5 - 0; db-c replica up 5 0 0", await AsNobodyAsync(server, Shown));
        Assert.Equal(logged, await server.ScalarAsync(Logged(kind)));
    }

    [Fact]
    public async Task RowsBecomeStaleByThemselvesWhenNobodyWritesAndWhenTheirNodeIsGone()
    {
        await using var server = await TestServer.StartAsync(1, [1]);
        await using var table = new MembersTable(server.Managed, TimeProvider.System);
        var source = new TopologySource("c", new AnnouncedServers("a", TimeProvider.System), TimeProvider.System);
        source.Publish(SampleCluster.State, SampleCluster.View);
        await table.WriteAsync(source.Current, TestServer.Patience);
        source.Publish(SampleCluster.State, SampleCluster.Without("c"));
        await UntilAsync(table, source, server, "SELECT status FROM flotilla.members WHERE server = 'db-c'", "stale");
        Assert.Equal("up", await server.ScalarAsync("SELECT status FROM flotilla.members WHERE server = 'db-a'"));
        Assert.Equal("1", await server.ScalarAsync("SELECT COUNT(*) FROM flotilla.members WHERE last_heartbeat < UTC_TIMESTAMP() - INTERVAL 2 SECOND"));

        await Deadline.UntilAsync(async () => await server.ScalarAsync("SELECT GROUP_CONCAT(DISTINCT status) FROM flotilla.members") == "stale", "all is stale");
        await table.WriteAsync(source.Current, TestServer.Patience);
        Assert.Equal("up", await server.ScalarAsync("SELECT status FROM flotilla.members WHERE server = 'db-a'"));
    }

    [Fact]
    public async Task OnlyWhatChangedIsWrittenAndALostSessionOrAForeignTableIsMended()
    {
        await using var server = await TestServer.StartAsync(1, [1]);
        await using var table = new MembersTable(server.Managed, TimeProvider.System);
        var source = new TopologySource("c", new AnnouncedServers("a", TimeProvider.System), TimeProvider.System);
        source.Publish(SampleCluster.State, SampleCluster.View);
        await table.WriteAsync(source.Current, TestServer.Patience);

        // A row that did not change is not written: what somebody did to it stays.
        await server.SqlAsync("SET sql_log_bin = 0; UPDATE flotilla.members_rows SET site = 'elsewhere'");
        source.Publish(SampleCluster.State with { Servers = SampleCluster.State.Servers.SetItem(0, SampleCluster.Server("a", lag: 9)) }, SampleCluster.View);
        await table.WriteAsync(source.Current, TestServer.Patience);
        Assert.Equal("north elsewhere elsewhere", await server.ScalarAsync("SELECT GROUP_CONCAT(site ORDER BY server SEPARATOR ' ') FROM flotilla.members"));

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<MySqlException>(() => table.WriteAsync(source.Current, TestServer.Patience));
        await server.RestartAsync(hasSuccessor: false);
        await server.SqlAsync("SET sql_log_bin = 0; DROP TABLE flotilla.members_rows; CREATE TABLE flotilla.members_rows (server INT)");
        await table.WriteAsync(source.Current, TestServer.Patience);
        Assert.Equal("north north north", await server.ScalarAsync("SELECT GROUP_CONCAT(site ORDER BY server SEPARATOR ' ') FROM flotilla.members"));
    }

    private static string Logged(DatabaseKind kind) => kind == DatabaseKind.MariaDb ? "SELECT @@GLOBAL.gtid_binlog_pos" : "SELECT @@GLOBAL.gtid_executed";

    private static async Task<string?> AsNobodyAsync(TestServer server, string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(server.Client with { User = "nobody", Password = "nobody" });
        return await session.QueryScalarAsync(sql);
    }

    private static Task UntilAsync(MembersTable table, TopologySource source, TestServer server, string sql, string value) => Deadline.UntilAsync(
        async () =>
        {
            await table.WriteAsync(source.Current, TestServer.Patience);
            return await server.ScalarAsync(sql) == value;
        },
        $"{sql} is {value}");
}
