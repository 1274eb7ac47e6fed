using Flotilla.Bench.Groups;

namespace Flotilla.Bench.Clusters;

/// <summary>The first host's server is primary, the others follow it with semi-sync; nobody looks after them.</summary>
internal sealed class PlainReplication : IAsyncDisposable
{
    /// <summary>As under nodes: commits wait for an acknowledgement for as long as it takes.</summary>
    private static readonly string[] s_neverGoesOn = ["rpl-semi-sync-master-timeout=4294967295"];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly GroupNetwork _network;
    private readonly bool _usesGtid;
    private readonly List<HostProcess> _servers = [];

    private PlainReplication(GroupNetwork network, bool usesGtid, IReadOnlyList<DatabaseHost> hosts) => (_network, _usesGtid, Hosts) = (network, usesGtid, hosts);

    public IReadOnlyList<DatabaseHost> Hosts { get; }

    public DatabaseHost Primary => Hosts[0];

    public static async Task<PlainReplication> StartAsync(GroupNetwork network, string folder, string template, bool usesGtid)
    {
        var hosts = new List<DatabaseHost>();
        for (var number = 1; number <= GroupNetwork.Nodes; number++)
        {
            // A replica that waits for acknowledgements itself, and gives up only after weeks, applies nothing. MHA's are asked to become primaries.
            hosts.Add(await DatabaseHost.CreateAsync(
                number, Path.Combine(folder, $"host{number}"), template,
                [.. DatabaseHost.ReplicationSettings, $"rpl-semi-sync-master-enabled={(number == 1 || !usesGtid ? "ON" : "OFF")}", "rpl-semi-sync-slave-enabled=ON", "relay-log-purge=OFF", "read-only=ON", "skip-slave-start", .. usesGtid ? s_neverGoesOn : []]));
        }

        var replication = new PlainReplication(network, usesGtid, hosts);
        try
        {
            await replication.StartServersAsync();
            var position = await replication.PositionAsync();
            foreach (var replica in hosts.Skip(1))
                await replica.SqlAsync($"CHANGE MASTER TO MASTER_HOST = '{replication.Primary.Address}', MASTER_USER = 'repl', MASTER_PASSWORD = 'repl', MASTER_CONNECT_RETRY = 1, {position}");
            await replication.FollowAsync();
            return replication;
        }
        catch
        {
            await replication.DisposeAsync();
            throw;
        }
    }

    /// <summary>After <see cref="StopServersAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        await StartServersAsync();
        await FollowAsync();
    }

    public async Task StopServersAsync()
    {
        while (_servers is [.., var server])
        {
            await server.StopAsync();
            _servers.Remove(server);
            await server.DisposeAsync();
        }
    }

    /// <summary>Whether commits wait for a replica.</summary>
    public async Task SetSemiSyncAsync(bool isOn)
    {
        await Primary.SqlAsync($"SET GLOBAL rpl_semi_sync_master_enabled = {(isOn ? 1 : 0)}");
        foreach (var replica in Hosts.Skip(1))
            await replica.SqlAsync($"STOP SLAVE IO_THREAD; SET GLOBAL rpl_semi_sync_slave_enabled = {(isOn ? 1 : 0)}; START SLAVE IO_THREAD");
        await UntilFollowingAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private async Task StartServersAsync()
    {
        foreach (var host in Hosts)
            _servers.Add(await host.StartAsync(_network));
        foreach (var host in Hosts)
            await host.UntilAnsweringAsync(s_patience);
    }

    private async Task<string> PositionAsync()
    {
        if (_usesGtid)
            return "MASTER_USE_GTID = slave_pos";
        var status = (await Primary.TableAsync("SHOW MASTER STATUS")).Rows[0];
        return $"MASTER_LOG_FILE = '{status["File"]}', MASTER_LOG_POS = {status["Position"]}, MASTER_USE_GTID = no";
    }

    private async Task FollowAsync()
    {
        foreach (var replica in Hosts.Skip(1))
            await replica.SqlAsync("START SLAVE");
        await UntilFollowingAsync();
        await Primary.SqlAsync("SET GLOBAL read_only = 0");
    }

    private Task UntilFollowingAsync() => Wait.UntilAsync(
        async () =>
        {
            foreach (var replica in Hosts.Skip(1))
            {
                var status = (await replica.TableAsync("SHOW SLAVE STATUS")).Rows[0];
                if (status["Slave_IO_Running"] != "Yes" || status["Slave_SQL_Running"] != "Yes")
                    return false;
            }

            return await Primary.TryScalarAsync("SELECT @@rpl_semi_sync_master_enabled") == "0"
                || await Primary.TryScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_clients'") == "2";
        },
        s_patience,
        "both replicas follow");
}
