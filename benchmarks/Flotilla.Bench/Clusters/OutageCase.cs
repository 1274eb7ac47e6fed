using System.Diagnostics;
using System.Globalization;
using Flotilla.Bench.Groups;
using Flotilla.Cluster.Probe;
using Flotilla.MySql;

namespace Flotilla.Bench.Clusters;

/// <summary>A fault under a writing client, the same for every system: <c>flotilla cluster probe</c> with its defaults, in this process.</summary>
internal sealed class OutageCase(GroupNetwork network)
{
    private const int RowsBefore = 100;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private int _runs;

    public async Task<OutageRun> RunAsync(IClusterUnderTest cluster, Fault fault)
    {
        await cluster.UntilReadyAsync();
        var table = string.Create(CultureInfo.InvariantCulture, $"flotilla_probe.run{++_runs}");
        await using var probe = await ClusterProbe.StartAsync(new ProbeOptions { Servers = [.. cluster.Hosts.Select(host => host.Client)], Table = table, Patience = s_patience });
        await Wait.UntilAsync(() => probe.Status.Acknowledged > RowsBefore, s_patience, "rows are acknowledged");
        var victim = cluster.Hosts.First(host => host.Client.Server == probe.Status.Servers[0]);
        using var struck = new StruckFault(network, cluster, victim, fault);
        var striking = struck.StrikeAsync();
        await Wait.UntilAsync(() => Outages().Any(outage => outage.Failed > 0 || outage.To != victim.Client.Server), s_patience, $"{cluster.Name}: writes go on after {fault}");
        await striking;
        double? redundant = null;
        if (cluster.HealsItself)
        {
            var from = await struck.EndAsync();
            await UntilRedundantAsync(cluster, table, probe.Status.Acknowledged);
            redundant = Stopwatch.GetElapsedTime(from).TotalSeconds;
        }

        var result = await probe.VerifyAsync();
        return new OutageRun(Outages().Max(outage => outage.Gap.TotalMilliseconds), result.Lost, result.Status.Acknowledged, redundant);

        IEnumerable<ProbeOutage> Outages() => probe.Status.Outages.Where(outage => outage.FirstSuccess > struck.At);
    }

    private static Task UntilRedundantAsync(IClusterUnderTest cluster, string table, long rows) => Wait.UntilAsync(
        async () =>
        {
            foreach (var host in cluster.Hosts)
            {
                if (await CountAsync(host, table) < rows)
                    return false;
            }

            return true;
        },
        s_patience,
        $"{cluster.Name}: all servers have everything");

    /// <summary>0 when it does not answer.</summary>
    private static async Task<long> CountAsync(DatabaseHost host, string table)
    {
        try
        {
            await using var session = await MySqlConnection.OpenAsync(host.Client);
            return long.Parse(await session.QueryScalarAsync($"SELECT COUNT(*) FROM {table}") ?? "0", CultureInfo.InvariantCulture);
        }
        catch (MySqlException)
        {
            return 0;
        }
    }
}
