using System.Text.RegularExpressions;
using Flotilla.Bench.Groups;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>Galera 4 from Debian at its defaults. A server that ends is started again 5 s later with its position recovered, as Debian's unit for systemd has it.</summary>
internal sealed partial class GaleraCluster : IClusterUnderTest
{
    /// <summary>RestartSec of mariadb.service.</summary>
    private static readonly TimeSpan s_restartPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly GroupNetwork _network;
    private readonly HostProcess?[] _servers = new HostProcess?[GroupNetwork.Nodes];
    private readonly CancellationTokenSource _ending = new();
    private Task _supervising = Task.CompletedTask;

    private GaleraCluster(GroupNetwork network, IReadOnlyList<DatabaseHost> hosts) => (_network, Hosts) = (network, hosts);

    public string Name => "Galera";

    public IReadOnlyList<DatabaseHost> Hosts { get; }

    public bool HealsItself => true;

    public string ByHand(Fault fault) => "nothing";

    public static async Task<GaleraCluster> StartAsync(GroupNetwork network, string folder, string template)
    {
        var hosts = new List<DatabaseHost>();
        for (var number = 1; number <= GroupNetwork.Nodes; number++)
        {
            // rsync serves a joiner's files as nobody.
            hosts.Add(await DatabaseHost.CreateAsync(
                number, Path.Combine(folder, $"host{number}"), template,
                [
                    "wsrep-on=ON", $"wsrep-provider={DatabaseHost.Rivals}/galera/usr/lib/libgalera_smm.so", "wsrep-cluster-name=bench", $"wsrep-node-address={GroupNetwork.AddressOf(number)}",
                    $"wsrep-cluster-address=gcomm://{string.Join(',', Enumerable.Range(1, GroupNetwork.Nodes).Select(GroupNetwork.AddressOf))}", "innodb-autoinc-lock-mode=2",
                ],
                user: "nobody"));
        }

        var cluster = new GaleraCluster(network, hosts);
        try
        {
            foreach (var host in hosts)
            {
                cluster._servers[host.Number - 1] = await host.StartAsync(network, host.Number == 1 ? ["--wsrep-new-cluster"] : []);
                await Wait.UntilAsync(async () => await StateAsync(host) == "Synced", s_patience, $"Galera's node {host.Number} is synced; its log is {host.Log}");
            }
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        cluster._supervising = cluster.SuperviseAsync();
        return cluster;
    }

    public Task UntilReadyAsync() => Wait.UntilAsync(
        async () =>
        {
            foreach (var host in Hosts)
            {
                if (await StateAsync(host) != "Synced" || await host.TryScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_cluster_size'") != "3")
                    return false;
            }

            return true;
        },
        s_patience,
        "all nodes of Galera are synced");

    /// <summary>Any node takes writes: the one is stopped in good order.</summary>
    public Task SwitchOverAsync(DatabaseHost from, DatabaseHost to)
    {
        _servers[from.Number - 1]!.Send("TERM");
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _supervising;
        foreach (var server in _servers.OfType<HostProcess>())
            await server.DisposeAsync();
        _ending.Dispose();
    }

    [GeneratedRegex("Recovered position: (?<position>[0-9a-f-]+:-?[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Recovered();

    private static Task<string?> StateAsync(DatabaseHost host) => host.TryScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_local_state_comment'");

    private async Task SuperviseAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var host in Hosts)
            {
                if (_ending.IsCancellationRequested || _servers[host.Number - 1]!.IsRunning)
                    continue;
                await Task.Delay(s_restartPause, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!_ending.IsCancellationRequested)
                    await RestartAsync(host);
            }
        }
    }

    /// <summary>What galera_recovery does before the server starts.</summary>
    private async Task RestartAsync(DatabaseHost host)
    {
        await _servers[host.Number - 1]!.DisposeAsync();
        await using (var recovery = await host.StartAsync(_network, "--wsrep-recover", "--disable-log-error"))
            await Wait.UntilAsync(() => !recovery.IsRunning, s_patience, "the position is recovered");
        var output = await File.ReadAllTextAsync(Path.Combine(host.Folder, "out"));
        var position = Recovered().Matches(output).LastOrDefault()?.Groups["position"].Value ?? throw new BenchException($"no position in {host.Folder}/out");
        _servers[host.Number - 1] = await host.StartAsync(_network, $"--wsrep-start-position={position}");
    }
}
