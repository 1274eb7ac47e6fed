using Flotilla.Cluster.Core;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>MySQL 5.6: one primary, failover and the way back by its GTIDs; without acknowledgements, so without the promise that no row is lost.</summary>
[Trait("tier", "full")]
[Collection(nameof(HealingCluster))]
public sealed class MySqlHealingTests(MySqlHealingTests.Cluster cluster, ITestOutputHelper output) : IClassFixture<MySqlHealingTests.Cluster>
{
    [Fact]
    public async Task AKilledPrimaryIsReplacedAndTheOthersFollowTheNewOne()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        foreach (var statement in (string[])["CREATE DATABASE app", "CREATE TABLE app.t (id INT PRIMARY KEY)", "INSERT INTO app.t VALUES (1)"])
            await cluster.WriteByHandAsync(old, statement);
        foreach (var server in (ServerName[])[new("db-a"), new("db-b"), new("db-c")])
            await Deadline.UntilAsync(async () => await cluster.ScalarAsync(server, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'app'") == "1", $"{server} has the table");

        cluster.SignalServer(old, "KILL");
        var next = (await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary")).Primary!.Name;
        await cluster.WriteByHandAsync(next, "INSERT INTO app.t VALUES (2)");
        var status = await cluster.UntilHealthyAsync();

        foreach (var server in status.State!.Servers)
        {
            Assert.Equal(server.Name == next ? "0" : "1", await cluster.ScalarAsync(server.Name, "SELECT @@read_only"));
            await Deadline.UntilAsync(async () => await cluster.ScalarAsync(server.Name, "SELECT COUNT(*) FROM app.t") == "2", $"{server.Name} has both rows", HealingCluster.Patience);
        }

        output.WriteLine($"primary {next} of epoch {status.State.LastEpoch}");
    }

    /// <summary>Three nodes with a MySQL 5.6 each.</summary>
    public sealed class Cluster : HealingCluster
    {
        protected override (string Peer, ServerKind Kind) Database => ("mysql56", ServerKind.MySql);
    }
}
