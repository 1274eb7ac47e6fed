using System.Globalization;
using Flotilla.MySql;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>A primary and its replicas, connected and acknowledging, with the table <c>app.t</c> and its row 1.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private TestCluster(IReadOnlyList<TestServer> servers) => Servers = servers;

    public IReadOnlyList<TestServer> Servers { get; }

    public TestServer Primary => Servers[0];

    public static async Task<TestCluster> StartAsync(int count, DatabaseKind kind = DatabaseKind.MariaDb)
    {
        uint[] all = [.. Enumerable.Range(1, count).Select(id => (uint)id)];
        var servers = await Task.WhenAll(all.Select(id => TestServer.StartAsync(id, all, kind)));
        var cluster = new TestCluster(servers);
        await cluster.ConnectAsync();
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers)
            await server.DisposeAsync();
    }

    /// <summary>A commit that somebody waits for: faults with what the server answers.</summary>
    public static async Task<Task> BeginWriteAsync(TestServer server, string sql)
    {
        var session = await MySqlConnection.OpenAsync(server.Client);
        return Task.Run(async () =>
        {
            await using (session)
                await session.ExecuteAsync(sql);
        });
    }

    private async Task ConnectAsync()
    {
        var replicas = Servers.Skip(1).ToList();
        await Primary.Control.PromoteAsync(replicas.Select(server => server.Id).ToHashSet());
        foreach (var replica in replicas)
            await replica.Control.FollowAsync(Primary.Address);
        await Deadline.UntilAsync(async () => (await Primary.SeeAsync()).ConnectedReplicas.Count == replicas.Count, "all replicas are connected");
        await Primary.WriteAsync("CREATE TABLE app.t (id INT PRIMARY KEY, v INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
        await Primary.WriteAsync("INSERT INTO app.t (id) VALUES (1)");
        foreach (var replica in replicas)
            await Deadline.UntilAsync(async () => await replica.ScalarAsync("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'app'") == "1" && await replica.RowsAsync() == "1", string.Create(CultureInfo.InvariantCulture, $"replica {replica.Id} has row 1"));
    }
}
