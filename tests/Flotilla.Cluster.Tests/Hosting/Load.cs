using Flotilla.Cluster.Core;
using Flotilla.Cluster.Probe;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>A writer on a healthy cluster, and what must hold afterwards.</summary>
internal sealed class Load : IAsyncDisposable
{
    /// <summary>Where it writes.</summary>
    public const string Table = "app.w";

    private const int RowsBefore = 20;

    private readonly HealingCluster _cluster;
    private readonly ClusterProbe _probe;

    private Load(HealingCluster cluster, ClusterProbe probe) => (_cluster, _probe) = (cluster, probe);

    /// <summary>Returns when rows are being acknowledged.</summary>
    public static async Task<Load> StartAsync(HealingCluster cluster)
    {
        await cluster.UntilHealthyAsync();
        var load = new Load(cluster, await ClusterProbe.StartAsync(new ProbeOptions { Servers = cluster.Clients, Table = Table }));
        await load.UntilMoreAsync();
        return load;
    }

    /// <summary>Waits until more rows are acknowledged.</summary>
    public Task UntilMoreAsync()
    {
        var before = _probe.Status.Acknowledged;
        return Deadline.UntilAsync(() => _probe.Status.Acknowledged > before + RowsBefore, "rows are acknowledged", HealingCluster.Patience);
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

        await _probe.StopAsync();
        var status = await _cluster.UntilHealthyAsync();
        var primary = status.Primary!.Name;
        var result = await _probe.VerifyAsync();
        Assert.True(result.IsRight, $"lost {result.Lost} ({string.Join(", ", result.LostRows)}), duplicates {result.Duplicates}, phantoms {result.Phantoms}, of {result.Status.Acknowledged}\n{_cluster.Describe()}");
        foreach (var server in status.State!.Servers)
        {
            await Deadline.UntilAsync(async () => await SumAsync(server.Name) == await SumAsync(primary), $"{server.Name} has what {primary} has", HealingCluster.Patience);
        }

        output.WriteLine(
            $"{what}: {result.Status.Acknowledged} rows acknowledged, none lost; longest time without writes {result.Status.LongestGap.TotalMilliseconds:0} ms; primary {primary} of epoch {status.State.LastEpoch}");
    }

    public ValueTask DisposeAsync() => _probe.DisposeAsync();

    private async Task<string> SumAsync(ServerName server)
    {
        await using var session = await MySqlConnection.OpenAsync(_cluster.Clients[HealingCluster.IndexOf(server)]);
        return (await session.QueryTableAsync($"CHECKSUM TABLE {Table}")).Rows[0][1] ?? "";
    }
}
