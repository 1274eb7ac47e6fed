using System.Diagnostics;
using System.Net.Http.Headers;
using Flotilla.Chaos.Tests.Clients;
using Flotilla.Sandbox;
using Flotilla.TestSupport;

namespace Flotilla.Chaos.Tests.World;

/// <summary>Three hosts with all that runs on them, and a namespace for a client outside.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    public const int Hosts = 3;

    /// <summary>The namespace of the client outside.</summary>
    public const int Outside = Hosts;

    /// <summary>For what takes seconds on an idle machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private const string Secret = "a secret of these tests";

    /// <summary>The program under test: this build's, or that of the folder that FLOTILLA_PROGRAM names, as one with a defect that must be found.</summary>
    private static readonly string s_program = (Environment.GetEnvironmentVariable("FLOTILLA_PROGRAM") ?? AppContext.BaseDirectory).TrimEnd('/');

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(3) };
    private readonly SandboxCredentials _credentials = SandboxCredentials.Generate();
    private readonly List<string> _mounts = [];

    private ChaosCluster(Network network, string folder)
    {
        (Network, Folder) = (network, folder);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
    }

    public Network Network { get; }

    public string Folder { get; }

    public Host[] All { get; private set; } = [];

    /// <summary>Those with a server.</summary>
    public IEnumerable<Host> WithServer => All.Where(host => host.HasServer);

    /// <summary>What all clients noted since the cluster began.</summary>
    public List<Write> Noted { get; } = [];

    public string WriterPassword => _credentials.ReadWrite;

    /// <summary>From nothing to three servers that follow one another, in any order.</summary>
    /// <param name="diskMebibytes">A disk of its own for each server, in memory; null for a folder.</param>
    /// <param name="servers">How many hosts have one: the first ones.</param>
    /// <param name="policy">That section of the configuration.</param>
    /// <param name="isRelayed">Whether hosts reach one another by relays.</param>
    /// <param name="program">A folder of a program that each host gets a copy of; null for the program under test where it is.</param>
    public static async Task<ChaosCluster> StartAsync(int? diskMebibytes = null, int servers = Hosts, string policy = "flapWindowSeconds: 0", bool isRelayed = false, string? program = null)
    {
        var cluster = new ChaosCluster(Network.Create(Hosts + 1), Directory.CreateTempSubdirectory("flotilla-chaos-").FullName);
        try
        {
            await cluster.InstallAsync(diskMebibytes, servers, policy, isRelayed);
            foreach (var host in program is null ? [] : cluster.All)
            {
                host.Program = Path.Combine(host.Folder, "program");
                Tool.Run("cp", $"-r {program} {host.Program}");
            }

            foreach (var host in isRelayed ? cluster.All : [])
                host.Relay = Relay.Start(cluster.Network, host.Index);
            foreach (var host in cluster.All)
                host.StartNode();
            await cluster.UntilFullAsync();
            await using var session = await cluster.All[Host.IndexOf((await cluster.StatusAsync())!.Primary!)].OpenAsync();
            await session.ExecuteAsync("CREATE DATABASE app");
            await session.ExecuteAsync(
                "CREATE TABLE app.w (client INT NOT NULL, id BIGINT NOT NULL, server INT UNSIGNED NOT NULL, epoch BIGINT UNSIGNED NOT NULL, PRIMARY KEY (client, id)) ENGINE = InnoDB");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What somebody with a majority says; null when there is nobody.</summary>
    public async Task<ClusterStatus?> StatusAsync() => (await StatusesAsync()).Where(status => status.Coordinator is not null).MaxBy(status => status.LastEpoch);

    /// <summary>What each node says that answers.</summary>
    private async Task<IReadOnlyList<ClusterStatus>> StatusesAsync()
        => [.. (await Task.WhenAll(All.Select(host => AskAsync(host, "/cluster")))).OfType<string>().Select(ClusterStatus.Parse)];

    /// <summary>Whether its server is the primary.</summary>
    public async Task<bool> IsPrimaryAsync(Host host) => (await UntilFullAsync()).Primary == host.Server;

    /// <summary>The decisions that a node with a majority knows.</summary>
    public async Task<IReadOnlyList<Decided>> HistoryAsync()
    {
        var answers = await Task.WhenAll(All.Select(async host => await AskAsync(host, "/cluster/history")));
        return answers.OfType<string>().Select(ClusterStatus.ParseHistory).MaxBy(decisions => decisions.Count == 0 ? 0 : decisions[^1].Number) ?? [];
    }

    public async Task<ClusterStatus> UntilAsync(Func<ClusterStatus, bool> condition, string what, TimeSpan? within = null)
    {
        ClusterStatus? last = null;
        try
        {
            await UntilAsync(async () => await StatusAsync() is { } status && condition(last = status), what, within);
            return last!;
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{last?.Text}\n{await DescribeAsync()}", late);
        }
    }

    /// <summary>Until every node itself says that all three are there, one server is written, and the others follow.</summary>
    public async Task<ClusterStatus> UntilFullAsync(TimeSpan? within = null)
    {
        IReadOnlyList<ClusterStatus> last = [];
        try
        {
            await UntilAsync(async () => (last = await StatusesAsync()).Count(status => status.IsFull) == Hosts, "all three are there, one is written, the others follow", within);
            return last[0];
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{string.Join('\n', last.Select(status => status.Text))}\n{await DescribeAsync()}", late);
        }
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (within ?? Patience))
                throw new TimeoutException($"not in {(within ?? Patience).TotalSeconds:0} s: {what}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>An order of a person; the answer.</summary>
    public async Task<string> OrderAsync(string path)
    {
        foreach (var host in All)
        {
            if (await AskAsync(host, "/cluster") is not { } text || ClusterStatus.Parse(text).Coordinator is null)
                continue;
            using var patient = new HttpClient { Timeout = Patience };
            patient.DefaultRequestHeaders.Authorization = _http.DefaultRequestHeaders.Authorization;
            using var answer = await patient.PostAsync(new Uri(host.Management, path), content: null);
            return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
        }

        return "nobody takes orders";
    }

    /// <summary>Keeps what nodes and servers wrote in .artifacts/chaos; returns where.</summary>
    public string SaveLogs(string name)
    {
        var folder = Directory.CreateDirectory(Repository.Combine(".artifacts", "chaos", name)).FullName;
        foreach (var host in All)
            host.SaveLogs(folder);
        return folder;
    }

    /// <summary>Everything that helps to find out why.</summary>
    public async Task<string> DescribeAsync()
    {
        var folder = SaveLogs($"failed-{DateTime.UtcNow:HHmmss}");
        var history = await HistoryAsync();
        return $"{folder}\n{string.Join('\n', history.TakeLast(25).Select(one => one.ToString()))}\n{string.Join('\n', All.Select(host => host.Log()))}";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in All)
        {
            host.Relay?.Dispose();
            await host.KillAllAsync();
        }

        _http.Dispose();
        Network.Dispose();
        foreach (var mount in _mounts)
            Tool.TryRun("umount", mount);
        Directory.Delete(Folder, recursive: true);
    }

    private async Task InstallAsync(int? diskMebibytes, int serversCount, string policy, bool isRelayed)
    {
        var server = await ServerFinder.Create().FromBasedirAsync(Repository.Combine(".tools", "peers", "mariadb"));
        var secretFile = Path.Combine(Folder, "secret");
        await File.WriteAllTextAsync(secretFile, Secret + "\n");
        File.SetUnixFileMode(secretFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        All = await Task.WhenAll(Enumerable.Range(0, Hosts).Select(async index =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(Folder, Host.LetterOf(index))).FullName;
            var servers = Directory.CreateDirectory(Path.Combine(folder, "servers")).FullName;
            if (diskMebibytes is { } size)
            {
                Tool.Run("mount", $"-t tmpfs -o size={size}m tmpfs {servers}");
                lock (_mounts)
                    _mounts.Add(servers);
            }

            var root = new SandboxRoot(servers);
            var sandbox = await root.CreateAsync(new SandboxSpec
            {
                Name = "db", Topology = SandboxTopology.Single, Server = server, ServerId = (uint)index + 1, Credentials = _credentials, BindAddress = "0.0.0.0", RemoteAccess = "%", Port = FreePort.Next(),
            });
            await root.StopAsync("db");
            return new Host(Network, index, folder, sandbox, _credentials) { Program = s_program, HasServer = index < serversCount };
        }));
        foreach (var host in All)
            host.WriteConfiguration(Hosts, secretFile, policy, isRelayed);
    }

    private async Task<string?> AskAsync(Host host, string path)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(host.Management, path));
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
