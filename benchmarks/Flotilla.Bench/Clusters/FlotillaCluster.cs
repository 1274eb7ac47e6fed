using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Flotilla.Bench.Groups;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>Three processes of <c>flotilla node</c>, each with one server.</summary>
internal sealed class FlotillaCluster : IClusterUnderTest
{
    private const string Secret = "a secret of the benchmark";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly GroupNetwork _network;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly HostProcess?[] _nodes = new HostProcess?[GroupNetwork.Nodes];
    private readonly string _folder;

    private FlotillaCluster(GroupNetwork network, string folder, IReadOnlyList<DatabaseHost> hosts)
    {
        (_network, _folder, Hosts) = (network, folder, hosts);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
    }

    public string Name => "flotilla";

    public IReadOnlyList<DatabaseHost> Hosts { get; }

    public bool HealsItself => true;

    public string ByHand(Fault fault) => "nothing";

    public static string Program => Repository.Combine("src", "Flotilla.Cli", "bin", "Release", "net10.0", "flotilla");

    /// <summary>The node's process on each host.</summary>
    public IEnumerable<int> NodeProcesses => _nodes.OfType<HostProcess>().Select(node => node.Id);

    public IEnumerable<int> GuardProcesses => Hosts.SelectMany(host => HostProcess.Find(words => words.Contains("guard", StringComparer.Ordinal) && words.Contains(host.Folder, StringComparer.Ordinal)));

    public static async Task<FlotillaCluster> StartAsync(GroupNetwork network, string folder, string template)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "secret"), Secret + "\n");
        var hosts = new List<DatabaseHost>();
        for (var number = 1; number <= GroupNetwork.Nodes; number++)
        {
            var host = await DatabaseHost.CreateAsync(number, Path.Combine(folder, $"host{number}"), template, ["log-bin=mysql-bin"]);
            await File.WriteAllTextAsync(ConfigOf(host), Config(host, folder));
            hosts.Add(host);
        }

        var cluster = new FlotillaCluster(network, folder, hosts);
        try
        {
            await cluster.StartNodesAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task StartNodesAsync()
    {
        foreach (var host in Hosts)
        {
            _nodes[host.Number - 1] = await HostProcess.StartAsync(_network, host.Number, Path.Combine(_folder, $"node{host.Number}.out"), [Program, "node", "--config", ConfigOf(host), "--stop-servers", "--log-file", LogOf(host)]);
        }
    }

    /// <summary>Servers too.</summary>
    public async Task StopNodesAsync()
    {
        foreach (var node in _nodes)
            node?.Send("TERM");
        foreach (var node in _nodes.OfType<HostProcess>())
        {
            await Wait.UntilAsync(() => !node.IsRunning, s_patience, "a node stops");
            await node.DisposeAsync();
        }

        Array.Clear(_nodes);
        await Wait.UntilAsync(() => Hosts.All(host => host.Process == 0), s_patience, "servers stop with their nodes");
    }

    public Task UntilReadyAsync() => Wait.UntilAsync(IsReadyAsync, s_patience, $"the cluster is well; its logs are in {_folder}");

    /// <summary>The server that takes writes, with both others connected; what is agreed may be old when nodes have just started. Null when there is none.</summary>
    public async Task<DatabaseHost?> PrimaryAsync()
    {
        foreach (var host in Hosts)
        {
            if (await host.TryScalarAsync("SELECT @@read_only") == "0" && await host.TryScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_clients'") == "2")
                return host;
        }

        return null;
    }

    public async Task SwitchOverAsync(DatabaseHost from, DatabaseHost to)
        => await DatabaseHost.RunAsync(Program, ["cluster", "switchover", "--node", $"{to.Address}:4780", "--secret-file", Path.Combine(_folder, "secret"), "--to", NameOf(to)]);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        try
        {
            await StopNodesAsync();
        }
        catch (BenchException)
        {
            foreach (var node in _nodes.OfType<HostProcess>())
                await node.DisposeAsync();
        }

        // A server dies with its guard.
        foreach (var guard in GuardProcesses)
            HostProcess.Send(guard, "KILL");
    }

    private static string NameOf(DatabaseHost host) => string.Create(CultureInfo.InvariantCulture, $"db{host.Number}");

    private static string ConfigOf(DatabaseHost host) => Path.Combine(host.Folder, "flotilla.yaml");

    private string LogOf(DatabaseHost host) => Path.Combine(_folder, $"node{host.Number}.log");

    private static string Config(DatabaseHost host, string folder) => $$"""
        cluster:
          node: n{{host.Number}}
          listen: {{host.Address}}:4740
          nodes: [{{string.Join(", ", Enumerable.Range(1, GroupNetwork.Nodes).Select(number => $"{GroupNetwork.AddressOf(number)}:4740"))}}]
          dataFolder: {{host.Folder}}/node
          secretFile: {{folder}}/secret
          policy: { flapWindowSeconds: 0 }
          servers:
            - name: {{NameOf(host)}}
              host: {{host.Address}}
              serverId: {{host.Number}}
              folder: {{host.Folder}}
              socket: {{host.Socket}}
              command: [{{DatabaseHost.Program}}, --defaults-file={{host.Config}}]
        management: { listen: {{host.Address}}:4780, secretFile: {{folder}}/secret }
        store: { path: {{host.Folder}}/jobs }
        """;

    private async Task<bool> IsReadyAsync()
    {
        foreach (var host in Hosts)
        {
            try
            {
                using var answer = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://{host.Address}:4780/cluster")));
                if (IsReady(answer.RootElement) && await PrimaryAsync() is not null)
                    return true;
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                // The next one may answer.
            }
        }

        return false;
    }

    /// <summary>A primary, no plan, and both replicas acknowledge.</summary>
    private static bool IsReady(JsonElement cluster)
        => cluster.TryGetProperty("epoch", out var epoch) && epoch.GetProperty("isLive").GetBoolean() && epoch.GetProperty("durability").GetString() == "acknowledged"
            && epoch.GetProperty("ackers").GetArrayLength() == GroupNetwork.Nodes - 1 && !cluster.TryGetProperty("plan", out _) && !cluster.TryGetProperty("order", out _)
            && cluster.GetProperty("servers").EnumerateArray().All(server => server.GetProperty("status").GetString() == "up")
            && cluster.GetProperty("servers").EnumerateArray().Count(server => server.GetProperty("isReceiving").GetBoolean()) == GroupNetwork.Nodes - 1;
}
