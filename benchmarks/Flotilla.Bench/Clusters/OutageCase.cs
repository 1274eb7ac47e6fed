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

    /// <summary>How long a hung server hangs, and a host is cut off, if nothing ends it before.</summary>
    private static readonly TimeSpan s_faultLength = TimeSpan.FromSeconds(20);

    private int _runs;

    public async Task<OutageRun> RunAsync(IClusterUnderTest cluster, Fault fault)
    {
        await cluster.UntilReadyAsync();
        var table = string.Create(CultureInfo.InvariantCulture, $"flotilla_probe.run{++_runs}");
        await using var probe = await ClusterProbe.StartAsync(new ProbeOptions { Servers = [.. cluster.Hosts.Select(host => host.Client)], Table = table, Patience = s_patience });
        await Wait.UntilAsync(() => probe.Status.Acknowledged > RowsBefore, s_patience, "rows are acknowledged");
        var victim = cluster.Hosts.First(host => host.Client.Server == probe.Status.Servers[0]);
        var other = cluster.Hosts.First(host => host != victim);
        var process = victim.Process;
        var (struck, struckAt) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        var switching = StrikeAsync();
        try
        {
            await Wait.UntilAsync(() => Outages().Any(outage => outage.Failed > 0 || outage.To != victim.Client.Server), s_patience, $"{cluster.Name}: writes go on after {fault}");
            await switching;
            var redundant = cluster.HealsItself ? await UntilRedundantAsync() : (double?)null;
            var result = await probe.VerifyAsync();
            return new OutageRun(Outages().Max(outage => outage.Gap.TotalMilliseconds), result.Lost, result.Status.Acknowledged, redundant);
        }
        finally
        {
            End();
        }

        IEnumerable<ProbeOutage> Outages() => probe.Status.Outages.Where(outage => outage.FirstSuccess > struckAt);

        async Task StrikeAsync()
        {
            switch (fault)
            {
                case Fault.Kill:
                    HostProcess.Send(process, "KILL");
                    break;
                case Fault.Hang:
                    HostProcess.Send(process, "STOP");
                    break;
                case Fault.Cut:
                    network.SetPlugged(victim.Number, isPlugged: false);
                    break;
                case Fault.Switchover:
                    await cluster.SwitchOverAsync(victim, other);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(fault));
            }
        }

        void End()
        {
            if (fault == Fault.Cut)
                network.SetPlugged(victim.Number, isPlugged: true);
            else if (fault == Fault.Hang && HostProcess.IsAlive(process))
                HostProcess.Send(process, "CONT");
        }

        async Task<double> UntilRedundantAsync()
        {
            if (fault is Fault.Cut or Fault.Hang)
            {
                var left = s_faultLength - Stopwatch.GetElapsedTime(struck);
                if (left > TimeSpan.Zero && (fault == Fault.Cut || HostProcess.IsAlive(process)))
                    await Task.Delay(left);
                End();
            }

            var from = fault == Fault.Cut ? Stopwatch.GetTimestamp() : struck;
            var seen = probe.Status.Acknowledged;
            await Wait.UntilAsync(
                async () =>
                {
                    var isThere = true;
                    foreach (var host in cluster.Hosts)
                        isThere = isThere && await CountAsync(host, table) >= seen;
                    return isThere;
                },
                s_patience,
                $"{cluster.Name}: all servers have everything after {fault}");
            return Stopwatch.GetElapsedTime(from).TotalSeconds;
        }
    }

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
