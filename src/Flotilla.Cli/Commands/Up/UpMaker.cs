using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Flotilla.Cli.Commands.Cluster;
using Flotilla.Cli.Hosting;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Up;

/// <summary>Makes a cluster on this machine: servers, secrets, and the file of each node. Begun again it finds what stands.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UpMaker(IConsole console, UpFolder folder)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int FirstServerPort = 3311;

    /// <summary>Where the roles of the first node listen; the others' follow. 4731 is Gearman over TLS.</summary>
    private static readonly int[] s_jobPorts = [4730, 4732, 4733];
    private static readonly int[] s_nodePorts = [4740, 4741, 4742];
    private static readonly int[] s_managementPorts = [ClusterAccess.DefaultPort, 4781, 4782];
    private static readonly int[] s_linePorts = [2200, 2201, 2202];

    private readonly HashSet<int> _taken = [];

    public async Task MakeAsync(IProgress<SandboxStep> progress, Func<SandboxRoot, Task<ServerInstallation>> find, CancellationToken cancellationToken)
    {
        var root = folder.Sandboxes(console.Clock);
        var sandbox = root.Find(UpFolder.SandboxName) ?? await CreateAsync(root, await find(root), progress, cancellationToken);
        // Guards will start them.
        await root.StopAsync(UpFolder.SandboxName, progress, cancellationToken);
        WriteSecret(folder.Secret);
        WriteSecret(folder.ManagementSecret);
        var nodes = s_nodePorts.Select(Port).ToArray();
        for (var at = 0; at < UpFolder.Nodes.Count; at++)
            Write(folder.ConfigOf(UpFolder.Nodes[at]), Config(at, nodes, sandbox));
    }

    /// <summary>A server that is found, or one that is fetched.</summary>
    public static async Task<ServerInstallation> FindOrFetchAsync(SandboxRoot root, IProgress<SandboxStep> progress, CancellationToken cancellationToken)
    {
        var finder = ServerFinder.Create();
        var found = await finder.FindAllAsync(root.ServerFolder, cancellationToken);
        return found.FirstOrDefault(server => server.IsMariaDb) ?? await new ServerPackages().InstallAsync(root.ServerFolder, finder, progress, cancellationToken);
    }

    private static async Task<SandboxInstance> CreateAsync(SandboxRoot root, ServerInstallation server, IProgress<SandboxStep> progress, CancellationToken cancellationToken)
    {
        if (!server.IsMariaDb)
            throw new CliException(ExitCode.Usage, $"{server} is no MariaDB, and only that keeps what 'up' promises", "Leave --basedir out: a MariaDB is found, or fetched.");
        var areFree = Enumerable.Range(FirstServerPort, UpFolder.Nodes.Count).All(IsFree);
        var spec = new SandboxSpec
        {
            Name = UpFolder.SandboxName, Topology = SandboxTopology.Multiple, Nodes = UpFolder.Nodes.Count, Server = server, Port = areFree ? FirstServerPort : null,
        };
        return await root.CreateAsync(spec, progress, cancellationToken);
    }

    private string Config(int at, int[] nodes, SandboxInstance sandbox)
    {
        var (name, server) = (UpFolder.Nodes[at], sandbox.Nodes[at]);
        var addresses = string.Join(", ", nodes.Select(port => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
        var command = string.Join(", ", sandbox.CommandLineOf(server).Select(Quoted));
        return string.Create(CultureInfo.InvariantCulture, $$"""
            # Written by 'flotilla up'; read by 'flotilla node --config'. What may stand here: docs/reference/configuration.md
            cluster:
              node: {{name}}
              name: local
              listen: 127.0.0.1:{{nodes[at]}}
              nodes: [{{addresses}}]
              dataFolder: {{Quoted(folder.StateOf(name))}}
              secretFile: {{Quoted(folder.Secret)}}
              lines: 127.0.0.1:{{Port(s_linePorts[at])}}
              onStop: stay   # all are stopped together: nobody is left to hand over to
              policy:
                flapWindowSeconds: 0   # here people kill servers one after another to see what happens
              servers:
                - name: db-{{name}}
                  port: {{server.Port}}
                  serverId: {{server.ServerId}}
                  folder: {{Quoted(sandbox.FolderOf(server))}}
                  socket: {{Quoted(sandbox.SocketOf(server))}}
                  command: [{{command}}]
                  administratorPassword: {{sandbox.ReadCredentials().Root}}
            jobServer:
              listeners:
                - endPoint: 127.0.0.1:{{Port(s_jobPorts[at])}}
            store:
              path: {{Quoted(folder.JobsOf(name))}}
            management:
              listen: 127.0.0.1:{{Port(s_managementPorts[at])}}
              secretFile: {{Quoted(folder.ManagementSecret)}}
              readWithoutSecret: true
            hostWorker:
              root: {{Quoted(folder.Servers)}}

            """);
    }

    /// <summary>The port that people expect, or any that is free.</summary>
    private int Port(int wanted)
    {
        if (IsFree(wanted) && _taken.Add(wanted))
            return wanted;
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (_taken.Add(port))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void WriteSecret(string file)
    {
        if (!File.Exists(file))
            Write(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)) + "\n");
    }

    // Under another name first: a file that is there is whole.
    private static void Write(string file, string text)
    {
        var draft = file + ".new";
        File.Delete(draft);
        using (var writer = new StreamWriter(new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private })))
            writer.Write(text);
        File.Move(draft, file, overwrite: true);
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
