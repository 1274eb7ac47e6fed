using System.Globalization;
using System.Net;
using Flotilla.Gearman;
using Flotilla.JobServer;

namespace Flotilla.Deployment.Tests.Support;

/// <summary>
/// Hosts in this process: a job server, and for each host a worker with a folder and a loopback address of its own. Everything goes with it, servers too,
/// however the test ends.
/// </summary>
internal sealed class TestHosts : IAsyncDisposable
{
    private readonly List<JobServerHost> _jobServers = [];
    private readonly Dictionary<string, HostWorker> _workers = new(StringComparer.Ordinal);

    /// <summary>Loopback has sixteen million addresses: with some of their own, tests take no ports from each other.</summary>
    private readonly string _prefix = $"127.{Random.Shared.Next(10, 250)}.{Random.Shared.Next(1, 255)}.";

    /// <summary>Short: sockets below it must fit into their addresses.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("fd-").FullName;

    public List<GearmanAddress> JobServers { get; } = [];

    public string Deployments => Path.Combine(Folder, "here");

    public static HostName[] Names(params string[] names) => [.. names.Select(HostName.Parse)];

    public static async Task<TestHosts> StartAsync(int jobServers = 1)
    {
        var hosts = new TestHosts();
        for (var at = 0; at < jobServers; at++)
        {
            var server = await JobServerHost.StartAsync(new JobServerOptions { Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }] });
            hosts._jobServers.Add(server);
            hosts.JobServers.Add(GearmanAddress.Tcp((IPEndPoint)server.Endpoints[0]));
        }

        return hosts;
    }

    /// <summary>With hosts a, b, c.</summary>
    public static async Task<TestHosts> StartThreeAsync(TemplateCache cache, string basedir)
    {
        var hosts = await StartAsync();
        try
        {
            foreach (var (name, at) in ((string, int)[])[("a", 1), ("b", 2), ("c", 3)])
                await hosts.AddAsync(name, at, [basedir], cache);
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    public IPAddress Address(int host) => IPAddress.Parse($"{_prefix}{host}");

    public string RootOf(string host) => Path.Combine(Folder, host);

    public async Task<HostWorker> AddAsync(string name, int address, IReadOnlyList<string> basedirs, TemplateCache? cache = null, Func<HostWorkerOptions, HostWorkerOptions>? change = null)
    {
        Directory.CreateDirectory(RootOf(name));
        if (cache is not null)
            await cache.CopyToAsync(RootOf(name), basedirs[0]);
        var options = Options(name, address, basedirs);
        var worker = await HostWorker.CreateAsync(change?.Invoke(options) ?? options);
        _workers.Add(name, worker);
        await worker.StartAsync();
        return worker;
    }

    public HostWorkerOptions Options(string name, int address, IReadOnlyList<string> basedirs) => new()
    {
        Name = HostName.Parse(name), Servers = [.. JobServers], Root = RootOf(name), Address = Address(address), Basedirs = basedirs,
    };

    public async Task StopAsync(string name)
    {
        if (_workers.Remove(name, out var worker))
            await worker.DisposeAsync();
    }

    /// <summary>A job for a host, in JSON, as anybody could give it.</summary>
    public async Task<string> JobAsync(string function, string host, string json)
    {
        await using var client = new GearmanClient([.. JobServers]);
        return (await client.SubmitAsync(new JobRequest($"{function}@{host}", System.Text.Encoding.UTF8.GetBytes(json)) { Timeout = TimeSpan.FromMinutes(3) })).Text;
    }

    public Deployer Deployer(TimeSpan? lostPatience = null) => new(new DeployerOptions
    {
        Access = new FleetAccess { Servers = [.. JobServers], LostPatience = lostPatience ?? TimeSpan.FromMinutes(1) }, Folder = Deployments, Client = Client(),
    });

    public string Script(string deployment, string name) => Path.Combine(Deployments, deployment, name);

    public Task<string> RunAsync(string deployment, string script, params string[] arguments) => Shell.MustAsync(Script(deployment, script), arguments);

    /// <summary>What is left on a host but caches and empty folders.</summary>
    public IReadOnlyList<string> Leftovers(string host)
    {
        var left = new List<string>();
        foreach (var entry in Directory.EnumerateFileSystemEntries(RootOf(host)))
        {
            var name = Path.GetFileName(entry);
            if (name is ".templates" or ".servers")
                continue;
            if (name is ".locks" or ".owners" or "tarballs" or "inbox")
                left.AddRange(Directory.EnumerateFileSystemEntries(entry));
            else
                left.Add(entry);
        }

        return left;
    }

    /// <summary>Command lines of processes that were started with a path below the folder.</summary>
    public IReadOnlyList<string> Processes() => [.. Mine().Select(one => one.Line)];

    /// <summary>Nothing but caches is left anywhere, no process, no deployment.</summary>
    public void AssertClean(params IEnumerable<string> hosts)
    {
        Assert.Empty(Processes());
        Assert.Empty(Flotilla.Deployment.Deployer.List(Deployments));
        foreach (var host in hosts)
            Assert.Empty(Leftovers(host));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers.Values)
            await worker.DisposeAsync();
        foreach (var server in _jobServers)
            await server.DisposeAsync();
        foreach (var (process, _) in Mine())
            await Shell.RunAsync("/bin/sh", "-c", $"kill -9 {process}; while kill -0 {process} 2>/dev/null && [ -s /proc/{process}/cmdline ]; do sleep 0.01; done");
        Directory.Delete(Folder, recursive: true);
    }

    public static string Client()
    {
        var own = Path.Combine(Servers.MariaDb, "bin", "mariadb");
        return File.Exists(own) ? own : "mariadb";
    }

    private IEnumerable<(int Process, string Line)> Mine()
        => Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
            .Select(folder => (int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture), CommandLine(folder)))
            .Where(one => one.Item2.Contains($"={Folder}/", StringComparison.Ordinal)).ToList();

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
