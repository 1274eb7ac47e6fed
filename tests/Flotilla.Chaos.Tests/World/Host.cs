using System.Diagnostics;
using System.Globalization;
using Flotilla.MySql;
using Flotilla.Sandbox;

namespace Flotilla.Chaos.Tests.World;

/// <summary>A host: a namespace with a node, its guard and its server, in a folder of their own.</summary>
internal sealed class Host
{
    public const int NodePort = 4740;
    public const int ServerPort = 3306;
    private const int ManagementPort = 4780;

    /// <summary>Who may write in the sandbox.</summary>
    public const string Writer = "msandbox_rw";

    private readonly Network _network;
    private readonly SandboxInstance _sandbox;
    private readonly SandboxCredentials _credentials;
    private readonly string _folder;
    private Process? _node;

    public Host(Network network, int index, string folder, SandboxInstance sandbox, SandboxCredentials credentials)
        => (_network, Index, _folder, _sandbox, _credentials) = (network, index, folder, sandbox, credentials);

    public int Index { get; }

    /// <summary>a, b, c.</summary>
    public string Letter => LetterOf(Index);

    public string Server => "db-" + Letter;

    public string Address => _network.AddressOf(Index);

    /// <summary>Stands between this host and the others; null where they meet directly.</summary>
    public Relay? Relay { get; set; }

    public Uri Management => new($"http://{Address}:{ManagementPort}");

    /// <summary>A program that starts the node, next time.</summary>
    public IReadOnlyList<string> Through { get; set; } = [];

    /// <summary>Variables of the node's environment, next time.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>False for a host whose node only votes.</summary>
    public bool HasServer { get; init; } = true;

    /// <summary>Where it has all its files.</summary>
    public string Folder => _folder;

    /// <summary>The folder that <c>flotilla</c> is started from.</summary>
    public required string Program { get; set; }

    /// <summary>Holds the server's folder; a file system of its own where the cluster was made so.</summary>
    public string ServersFolder => Path.Combine(_folder, "servers");

    private string LogPath => Path.Combine(_folder, "node.log");

    private string ServerFolder => _sandbox.FolderOf(_sandbox.Nodes[0]);

    public static string LetterOf(int index) => ((char)('a' + index)).ToString();

    public static int IndexOf(string server) => server[^1] - 'a';

    public void WriteConfiguration(int hosts, string secretFile, string policy, bool isRelayed)
    {
        var node = _sandbox.Nodes[0];
        Func<int, string> reached = isRelayed ? _network.RelayAddressOf : _network.AddressOf;
        var nodes = string.Join(", ", Enumerable.Range(0, hosts).Select(host => $"\"{reached(host)}:{NodePort}\""));
        // Its relay has the port at the other address.
        IEnumerable<string> command = [.. _sandbox.CommandLineOf(node), $"--bind-address={(isRelayed ? Address : "0.0.0.0")}"];
        var servers = !HasServer ? "  servers: []" : $$"""
              servers:
                - name: {{Server}}
                  host: {{reached(Index)}}
                  port: {{ServerPort}}
                  serverId: {{node.ServerId}}
                  folder: {{ServerFolder}}
                  command: [{{string.Join(", ", command.Select(word => $"\"{word}\""))}}]
                  socket: {{_sandbox.SocketOf(node)}}
                  administratorPassword: {{_credentials.Root}}
            """;
        var text = $$"""
            cluster:
              node: {{Letter}}
              name: chaos
              listen: "{{Address}}:{{NodePort}}"
              address: "{{reached(Index)}}:{{NodePort}}"
              nodes: [{{nodes}}]
              dataFolder: {{Path.Combine(_folder, "node")}}
              secretFile: {{secretFile}}
              lines: none
              policy: { {{policy}} }
            {{servers}}
            management: { listen: ["{{Address}}:{{ManagementPort}}"], secretFile: {{secretFile}} }
            jobServer: { listeners: [ { endPoint: "127.0.0.1:4730" } ] }
            store: { path: {{Path.Combine(_folder, "jobs")}} }

            """;
        File.WriteAllText(Path.Combine(_folder, "flotilla.yaml"), text);
    }

    public void StartNode()
    {
        // Each of them becomes the next: it is one process.
        string[] words = ["ip", "netns", "exec", _network.Name(Index), .. Through, "dotnet", "exec", Path.Combine(Program, "flotilla.dll"), "node", "--config", Path.Combine(_folder, "flotilla.yaml")];
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", LogPath, .. words]) { UseShellExecute = false, WorkingDirectory = "/" };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        _node = Process.Start(start)!;
    }

    /// <summary>Which there must be.</summary>
    public int NodeProcess => _node!.Id;

    /// <summary>Sends a signal to the node.</summary>
    public void SignalNode(string signal) => Signals.Send(_node!.Id, signal);

    public async Task KillNodeAsync() => await EndNodeAsync(Signals.Kill);

    /// <summary>As a service manager stops it: the guard and the server stay.</summary>
    public async Task StopNodeAsync() => await EndNodeAsync(Signals.Term);

    public void SignalServer(string signal)
    {
        if (ServerProcess is { } process)
            Signals.Send(process, signal);
    }

    /// <summary>Null when it does not run.</summary>
    public int? ServerProcess => Find(words => Path.GetFileName(words[0]) == "mariadbd");

    /// <summary>Null when it does not run.</summary>
    public int? GuardProcess => Find(words => words.Contains("guard"));

    /// <summary>Everything in the namespace ends at once; the system lives and says so to peers.</summary>
    public async Task KillAllAsync()
    {
        Signals.Send(_network.ProcessesOf(Index), Signals.Kill);
        if (_node is { } node)
            await node.WaitForExitAsync();
        _node = null;
        await ChaosCluster.UntilAsync(() => Task.FromResult(_network.ProcessesOf(Index).Count == 0), $"nothing runs on {Letter}");
    }

    /// <summary>A session of an administrator by the server's socket.</summary>
    public Task<MySqlConnection> OpenAsync() => _sandbox.OpenAsync(_sandbox.Nodes[0]);

    /// <summary>As an ordinary user, over the network.</summary>
    public MySqlOptions Client => new() { Host = Address, Port = ServerPort, User = Writer, Password = _credentials.ReadWrite, ConnectTimeout = TimeSpan.FromSeconds(5) };

    /// <summary>Keeps all that node and server wrote.</summary>
    public void SaveLogs(string folder)
    {
        foreach (var (path, name) in ((string, string)[])[(LogPath, "node.log"), (Path.Combine(ServerFolder, "error.log"), "server.log")])
        {
            if (File.Exists(path))
                File.Copy(path, Path.Combine(folder, $"{Letter}-{name}"), overwrite: true);
        }
    }

    /// <summary>The end of what node and server wrote.</summary>
    public string Log()
        => $"--- {Letter}: node\n{Tail(LogPath, 40)}\n--- {Letter}: server\n{Tail(Path.Combine(ServerFolder, "error.log"), 15)}";

    private static string Tail(string path, int lines)
    {
        try
        {
            return string.Join('\n', File.ReadLines(path).TakeLast(lines));
        }
        catch (IOException problem)
        {
            return problem.Message;
        }
    }

    private async Task EndNodeAsync(string signal)
    {
        var node = _node!;
        _node = null;
        Signals.Send(node.Id, signal);
        await node.WaitForExitAsync().WaitAsync(ChaosCluster.Patience);
        node.Dispose();
    }

    private int? Find(Func<string[], bool> isIt)
    {
        foreach (var process in _network.ProcessesOf(Index))
        {
            try
            {
                if (isIt(File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/cmdline").Split('\0')))
                    return process;
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return null;
    }
}
