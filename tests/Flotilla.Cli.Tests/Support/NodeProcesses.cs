using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Flotilla.Gearman;
using Flotilla.Guard;
using Flotilla.MySql;
using Flotilla.Sandbox;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Support;

/// <summary>Three nodes as processes of their own, each with a real server.</summary>
internal sealed class NodeProcesses : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string[] Letters = ["a", "b", "c"];

    private readonly TempFolder _folder;
    private readonly Process?[] _processes = new Process?[Letters.Length];
    private readonly int[] _management = [.. Letters.Select(_ => FreePort.Next())];
    private readonly int[] _jobs = [.. Letters.Select(_ => FreePort.Next())];
    private readonly SandboxInstance _sandbox;

    private NodeProcesses(TempFolder folder, SandboxInstance sandbox)
    {
        (_folder, _sandbox) = (folder, sandbox);
        int[] ports = [.. Letters.Select(_ => FreePort.Next())];
        var nodes = string.Join(", ", ports.Select(port => $"127.0.0.1:{port}"));
        foreach (var (index, node) in sandbox.Nodes.Index())
        {
            _folder.Write($"{Letters[index]}.yaml", string.Create(CultureInfo.InvariantCulture, $$"""
                cluster:
                  node: {{Letters[index]}}
                  listen: 127.0.0.1:{{ports[index]}}
                  nodes: [{{nodes}}]
                  dataFolder: {{_folder.Combine(Letters[index])}}
                  secret: a secret of these tests
                  lines: none
                  servers:
                    - name: db-{{Letters[index]}}
                      port: {{node.Port}}
                      serverId: {{node.ServerId}}
                      folder: {{sandbox.FolderOf(node)}}
                      command: [{{string.Join(", ", sandbox.CommandLineOf(node))}}]
                      socket: {{sandbox.SocketOf(node)}}
                      administratorPassword: "{{sandbox.ReadCredentials().Root}}"
                jobServer: { listeners: [ { endPoint: 127.0.0.1:{{_jobs[index]}} } ] }
                store: { kind: memory }
                management: { listen: 127.0.0.1:{{_management[index]}} }
                hostWorker: none
                """));
        }
    }

    public IReadOnlyList<string> Names => Letters;

    public IReadOnlyList<MySqlOptions> Clients => [.. _sandbox.Nodes.Select(node => new MySqlOptions
    {
        Port = node.Port, User = "msandbox_rw", Password = _sandbox.ReadCredentials().ReadWrite,
        ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(2), KillTimeout = TimeSpan.FromMilliseconds(100),
    })];

    /// <summary>That node's job server.</summary>
    public GearmanAddress JobsOf(int index) => GearmanAddress.Tcp("127.0.0.1", _jobs[index]);

    public static async Task<NodeProcesses> StartAsync()
    {
        var folder = new TempFolder();
        var root = new SandboxRoot(folder.Combine("servers"));
        var server = await ServerFinder.Create().FromBasedirAsync(Repository.Combine(".tools", "peers", "mariadb"));
        var sandbox = await root.CreateAsync(new SandboxSpec { Name = "three", Topology = SandboxTopology.Multiple, Nodes = Letters.Length, Server = server });
        await root.StopAsync("three");
        var nodes = new NodeProcesses(folder, sandbox);
        for (var index = 0; index < Letters.Length; index++)
            nodes.Start(index);
        return nodes;
    }

    public void Start(int index)
    {
        var process = Run.Start(Run.FlotillaPath, ["node", "--config", _folder.Combine($"{Letters[index]}.yaml"), "--json", "--log-file", _folder.Combine($"{Letters[index]}.log")]);
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        _processes[index] = process;
    }

    /// <summary>SIGTERM: the node ends in good order, and its server goes on.</summary>
    public async Task StopAsync(int index)
    {
        using var process = _processes[index]!;
        _processes[index] = null;
        using var kill = Process.Start("/bin/kill", [process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Waits until that node says that there is a primary and all others follow it.</summary>
    public async Task UntilHealthyAsync(int index) => await Deadline.UntilAsync(
        async () =>
        {
            var result = await ClusterAsync(index, "status", "--json");
            return result.Code == 0 && result.Json.EnumerateArray().ToList() is { Count: 3 } rows
                && rows.Count(row => row.GetProperty("role").GetString() == "primary") == 1 && rows.All(row => row.GetProperty("status").GetString() == "up" && row.GetProperty("error").GetString() == "");
        },
        $"node {Letters[index]} says that all is well",
        Patience);

    /// <summary>Whose server is primary, as that node says; -1 for nobody's.</summary>
    public async Task<int> PrimaryAsync(int index)
    {
        var primary = (await ClusterAsync(index, "status", "--json")).Json.EnumerateArray().FirstOrDefault(row => row.GetProperty("role").GetString() == "primary");
        return primary.ValueKind == JsonValueKind.Undefined ? -1 : Array.IndexOf(Letters, primary.GetProperty("node").GetString());
    }

    public Task<CliResult> ClusterAsync(int index, params string[] words)
        => Run.FlotillaAsync(["cluster", words[0], "--node", $"127.0.0.1:{_management[index].ToString(CultureInfo.InvariantCulture)}", .. words[1..]]);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.OfType<Process>())
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        foreach (var node in _sandbox.Nodes)
        {
            await using var guard = await GuardClient.TryConnectAsync(new GuardOptions { Folder = _sandbox.FolderOf(node) });
            if (guard is null)
                continue;
            if (guard.State.IsAlive)
                await guard.KillAsync();
            await Deadline.UntilAsync(() => guard.State.Phase != GuardedPhase.Running, "the server has ended");
            await guard.QuitAsync();
        }

        await new SandboxRoot(_folder.Combine("servers")).RemoveAsync("three");
        _folder.Dispose();
    }
}
