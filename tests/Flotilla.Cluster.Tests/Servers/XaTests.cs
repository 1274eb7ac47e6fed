using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>Transactions in two phases: prepared ones outlive sessions, servers and primaries.</summary>
[Trait("tier", "full")]
public sealed class XaTests
{
    private const string Prepare = "XA START 'a'; INSERT INTO app.t (id) VALUES (2); XA END 'a'; XA PREPARE 'a'";

    [Fact]
    public async Task APreparedTransactionInARelayLogIsReadAndSalvaged()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await replica.SqlAsync("STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 3600; START SLAVE");
        await Deadline.UntilAsync(async () => (await primary.SeeAsync()).ConnectedReplicas.Count == 1, "the replica is connected");
        await ClientAsync(primary, Prepare);
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (3)");
        var logged = (await primary.SeeAsync()).Logged;
        await primary.KillAsync();
        await replica.KillAsync();
        await replica.RestartAsync(hasSuccessor: false);

        Assert.True((await replica.SeeAsync()).Replica!.HasUnapplied);
        Assert.Equal(logged, await replica.Control.SalvageAsync(TestServer.Patience));
        await replica.Control.PromoteAsync(new HashSet<uint> { 1 });
        Assert.Equal("1,3", await replica.RowsAsync());
        await primary.RestartAsync(hasSuccessor: true);
        await primary.Control.FollowAsync(replica.Address);
        await ClientAsync(replica, "XA COMMIT 'a'");
        Assert.Equal("1,2,3", await replica.RowsAsync());
        await primary.UntilAppliedAsync("1,2,3");
    }

    /// <summary>Its locks are nobody's session, so a demotion does not end it: it has to wait for the next primary.</summary>
    [Fact]
    public async Task APreparedTransactionIsNotCommittedOnAPrimaryThatGaveWay()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var primary = cluster.Primary;
        await ClientAsync(primary, Prepare);
        await using var session = await MySqlConnection.OpenAsync(primary.Client);
        foreach (var statement in (string[])["XA START 'b'", "INSERT INTO app.t (id) VALUES (3)", "XA END 'b'", "XA PREPARE 'b'"])
            await session.ExecuteAsync(statement);
        var logged = (await primary.SeeAsync()).Logged;

        await primary.Control.DemoteAsync();
        await Assert.ThrowsAnyAsync<MySqlException>(() => session.ExecuteAsync("XA COMMIT 'b'").AsTask());
        await Assert.ThrowsAsync<MySqlServerException>(() => ClientAsync(primary, "XA COMMIT 'a'"));
        Assert.Equal((logged, "1"), ((await primary.SeeAsync()).Logged, await primary.RowsAsync()));
    }

    private static async Task ClientAsync(TestServer server, string statements)
    {
        await using var session = await MySqlConnection.OpenAsync(server.Client with { MultiStatements = true });
        await session.ExecuteAsync(statements);
    }
}
