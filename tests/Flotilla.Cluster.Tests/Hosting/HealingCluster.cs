using System.Diagnostics;
using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.Sandbox;
using Flotilla.TestSupport;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Three nodes in this process with a real server each, their guards in processes of their own.</summary>
public class HealingCluster : IAsyncLifetime
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-heal-").FullName;
    private readonly ClusterNode?[] _nodes = new ClusterNode?[3];
    private readonly StringWriter _log = new() { NewLine = "\n" };
    private int[] _ports = [];
    private SandboxInstance _sandbox = null!;
    private SandboxCredentials _credentials = null!;
    private ServerPrograms _programs = null!;

    /// <summary>The server's folder below the peers, and what it is.</summary>
    protected virtual (string Peer, ServerKind Kind) Database => ("mariadb", ServerKind.MariaDb);

    /// <summary>What a node is told besides.</summary>
    protected virtual ClusterNodeOptions Configure(ClusterNodeOptions options) => options;

    /// <summary>A node that lives.</summary>
    internal ClusterNode Anybody => _nodes.First(node => node is not null)!;

    internal ClusterNode NodeOf(ServerName server) => _nodes[IndexOf(server)]!;

    internal IReadOnlyList<MySqlOptions> Clients => [.. _sandbox.Nodes.Select((_, index) => Client(index))];

    internal string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public virtual async ValueTask InitializeAsync()
    {
        var server = await ServerFinder.Create().FromBasedirAsync(Repository.Combine(".tools", "peers", Database.Peer));
        _programs = ServerPrograms.Of(server);
        var root = new SandboxRoot(Path.Combine(_folder, "servers"));
        _sandbox = await root.CreateAsync(new SandboxSpec { Name = "three", Topology = SandboxTopology.Multiple, Nodes = 3, Server = server });
        _credentials = _sandbox.ReadCredentials();
        await root.StopAsync("three");
        _ports = [.. _sandbox.Nodes.Select(_ => FreePort.Next())];
        await Task.WhenAll(Enumerable.Range(0, 3).Select(StartNodeAsync));
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Task.WhenAll(_nodes.OfType<ClusterNode>().Select(node => node.StopWithServersAsync(TimeSpan.FromSeconds(10))));
        // After a test that failed some may be left. A server dies with its guard, if that is its parent.
        foreach (var process in _sandbox.Nodes.Select(GuardOf).Concat(_sandbox.Nodes.Select(ProcessOf)).Where(process => process != 0))
            Signal(process, "KILL");
        await Deadline.UntilAsync(() => _sandbox.Nodes.All(node => ProcessOf(node) == 0), "all servers are gone");
        await new SandboxRoot(Path.Combine(_folder, "servers")).RemoveAsync("three");
        Directory.Delete(_folder, recursive: true);
    }

    internal async Task StartNodeAsync(int index)
    {
        var sandboxed = _sandbox.Nodes[index];
        _nodes[index] = await ClusterNode.StartAsync(Configure(new ClusterNodeOptions
        {
            Node = new NodeName(Letter(index)),
            Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, _ports[index]),
            Nodes = [.. _ports.Select(port => $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}")],
            DataFolder = Path.Combine(_folder, Letter(index)),
            Lines = null,
            Secret = "a secret of these tests",
            Policy = new ClusterPolicy { FlapWindowSeconds = 0 },
            Logger = new WriterLogger(_log, Letter(index)),
            Servers =
            [
                new NodeServerOptions
                {
                    Name = new ServerName("db-" + Letter(index)),
                    Port = sandboxed.Port,
                    ServerId = sandboxed.ServerId,
                    Folder = _sandbox.FolderOf(sandboxed),
                    Command = _sandbox.CommandLineOf(sandboxed),
                    Socket = _sandbox.SocketOf(sandboxed),
                    AdministratorPassword = _credentials.Root,
                    Programs = _programs,
                    Kind = Database.Kind,
                },
            ],
        }));
    }

    internal async Task KillNodeAsync(int index)
    {
        await Take(index).KillAsync();
    }

    /// <summary>In good order, its server too.</summary>
    internal Task StopNodeAsync(int index) => Take(index).StopWithServersAsync(Patience);

    /// <summary>In good order; its server goes on.</summary>
    internal Task StopNodeAloneAsync(int index) => Take(index).StopAsync();

    /// <summary>Which node has the primary.</summary>
    internal static int IndexOf(ServerName server) => server.ToString()[^1] - 'a';

    internal async Task<ClusterSnapshot> UntilAsync(Func<ClusterSnapshot, bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await Anybody.UntilAsync(condition, limit.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"not in {Patience.TotalSeconds:0} s: {what}\n{Describe()}", late);
        }
    }

    /// <summary>As the node of that server sees it.</summary>
    internal async Task<ClusterSnapshot> UntilThereAsync(ServerName server, Func<ClusterSnapshot, bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        return await _nodes[IndexOf(server)]!.UntilAsync(condition, limit.Token);
    }

    internal Task<ClusterSnapshot> UntilHealthyAsync() => UntilAsync(status => status.IsHealthy, "the cluster is healthy");

    internal void SignalServer(ServerName server, string signal) => Signal(ProcessOf(server), signal);

    internal void SignalGuard(ServerName server, string signal) => Signal(GuardOf(_sandbox.Nodes[IndexOf(server)]), signal);

    /// <summary>0 when it does not run.</summary>
    internal int ProcessOf(ServerName server) => ProcessOf(_sandbox.Nodes[IndexOf(server)]);

    internal async Task<string?> ScalarAsync(ServerName server, string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(Client(IndexOf(server)));
        return await session.QueryScalarAsync(sql);
    }

    /// <summary>As root, who may write to a read-only server.</summary>
    internal async Task WriteByHandAsync(ServerName server, string sql)
    {
        await using var session = await _sandbox.OpenAsync(_sandbox.Nodes[IndexOf(server)]);
        await session.ExecuteAsync(sql);
    }

    /// <summary>Files in which the server's node saved something.</summary>
    internal IReadOnlyList<string> SavedBy(ServerName server)
        => Path.Combine(_folder, Letter(IndexOf(server)), "errant") is var folder && Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    internal string Describe()
    {
        var lines = _nodes.OfType<ClusterNode>().Select(node => node.Status).Select(status =>
            $"{status.Node}: [{string.Join(' ', status.View.Members)}] {status.Reason}\n  {string.Join("\n  ", status.Servers.Select(one => $"{one.Key}: {one.Value}"))}");
        return $"{string.Join('\n', lines)}\n{Log}";
    }

    private ClusterNode Take(int index)
    {
        var node = _nodes[index]!;
        _nodes[index] = null;
        return node;
    }

    private static string Letter(int index) => ((char)('a' + index)).ToString();

    private static void Signal(int process, string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private MySqlOptions Client(int index) => new()
    {
        Port = _sandbox.Nodes[index].Port,
        User = "msandbox_rw",
        Password = _credentials.ReadWrite,
        ConnectTimeout = TimeSpan.FromSeconds(1),
        CommandTimeout = TimeSpan.FromSeconds(2),
        KillTimeout = TimeSpan.FromMilliseconds(100),
    };

    private int ProcessOf(SandboxNode node)
    {
        var option = $"--defaults-file={Path.Combine(_sandbox.FolderOf(node), "my.cnf")}";
        return Find(words => words.Contains(option) && Path.GetFileName(words[0]) is "mariadbd" or "mysqld");
    }

    private int GuardOf(SandboxNode node) => Find(words => words.Contains("guard") && words.Contains(_sandbox.FolderOf(node)));

    // By its command line: 0 when it does not run.
    private static int Find(Func<string[], bool> isIt)
    {
        foreach (var folder in Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                if (isIt(File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0')))
                    return int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return 0;
    }

    /// <summary>Keeps lines for the message of a failure.</summary>
    private sealed class WriterLogger(StringWriter writer, string node) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (writer)
                writer.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {node} {formatter(state, exception)}{(exception is null ? "" : "\n" + exception)}");
        }
    }
}
