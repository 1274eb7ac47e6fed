using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>A writer on a healthy cluster, and what must hold afterwards.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int RowsBefore = 20;
    private static long s_first;

    private readonly HealingCluster _cluster;
    private readonly RecordingWriter _writer;

    private Load(HealingCluster cluster, RecordingWriter writer) => (_cluster, _writer) = (cluster, writer);

    /// <summary>Returns when rows are being acknowledged.</summary>
    public static async Task<Load> StartAsync(HealingCluster cluster)
    {
        var primary = (await cluster.UntilHealthyAsync()).Primary!.Name;
        _ = await cluster.ScalarAsync(primary, "CREATE DATABASE IF NOT EXISTS app");
        _ = await cluster.ScalarAsync(primary, "CREATE TABLE IF NOT EXISTS app.w (id BIGINT PRIMARY KEY) ENGINE = InnoDB");
        var load = new Load(cluster, new RecordingWriter(cluster.Clients, Interlocked.Add(ref s_first, 1_000_000)));
        await load.UntilMoreAsync();
        return load;
    }

    /// <summary>Waits until more rows are acknowledged.</summary>
    public Task UntilMoreAsync()
    {
        var before = _writer.Count;
        return Deadline.UntilAsync(() => _writer.Count > before + RowsBefore, "rows are acknowledged", HealingCluster.Patience);
    }

    /// <summary>Rows go on; all that were acknowledged are there; all servers have the same.</summary>
    public async Task CheckAsync(ITestOutputHelper output, string what)
    {
        try
        {
            await UntilMoreAsync();
        }
        catch (TimeoutException late)
        {
            Assert.Fail($"{late.Message}\n{_cluster.Describe()}");
        }

        var (rows, gap) = await _writer.EndAsync();
        var status = await _cluster.UntilHealthyAsync();
        var primary = status.Primary!.Name;
        var there = new HashSet<long>();
        await using (var session = await MySqlConnection.OpenAsync(_cluster.Clients[HealingCluster.IndexOf(primary)]))
        {
            foreach (var row in (await session.QueryTableAsync("SELECT id FROM app.w")).Rows)
                there.Add(long.Parse(row[0]!, CultureInfo.InvariantCulture));
        }

        Assert.True(rows.All(there.Contains), $"lost: {string.Join(", ", rows.Where(row => !there.Contains(row)).Take(10))} of {rows.Count}\n{_cluster.Describe()}");
        foreach (var server in status.State!.Servers)
        {
            await Deadline.UntilAsync(async () => await SumAsync(server.Name) == await SumAsync(primary), $"{server.Name} has what {primary} has", HealingCluster.Patience);
        }

        output.WriteLine($"{what}: {rows.Count} rows acknowledged, none lost; longest time without writes {gap.TotalMilliseconds:0} ms; primary {primary} of epoch {status.State.LastEpoch}");
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task<string> SumAsync(ServerName server)
    {
        await using var session = await MySqlConnection.OpenAsync(_cluster.Clients[HealingCluster.IndexOf(server)]);
        return (await session.QueryTableAsync("CHECKSUM TABLE app.w")).Rows[0][1] ?? "";
    }
}
