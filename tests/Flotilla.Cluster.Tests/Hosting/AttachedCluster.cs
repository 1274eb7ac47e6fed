using System.Diagnostics;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>The same, but the servers are started by a script that stands for systemd.</summary>
public class AttachedCluster : HealingCluster
{
    private readonly Dictionary<ServerName, string> _scripts = [];

    protected override ClusterNodeOptions Configure(ClusterNodeOptions options) => options with { Servers = [.. options.Servers.Select(server => ByHand(server, Supervision.Attach))] };

    /// <summary>Starts a server as somebody would who does not ask its node.</summary>
    internal async Task StartByHandAsync(ServerName server, params string[] arguments)
    {
        // A process that is ending has no command line any more, but its lock.
        do
        {
            using var process = Process.Start(_scripts[server], arguments);
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
        while (ProcessOf(server) == 0);
    }

    /// <summary>The same server, started by a script.</summary>
    protected NodeServerOptions ByHand(NodeServerOptions server, Supervision supervise)
    {
        var options = Path.Combine(server.Folder, "my.cnf");
        var include = $"!include {Path.Combine(server.Folder, "start.cnf")}";
        if (!File.ReadAllText(options).Contains(include, StringComparison.Ordinal))
            File.AppendAllText(options, include + "\n");
        var script = Path.Combine(server.Folder, "start.sh");
        lock (_scripts)
            _scripts[server.Name] = script;
        File.WriteAllText(script, $"""
            #!/bin/sh
            exec 9>>{server.Folder}/by-hand.lock
            flock --nonblock 9 || exit 0
            rm -f {server.Socket}
            setsid --fork {string.Join(' ', server.Command)} "$@" >>{server.Folder}/by-hand.out 2>&1 </dev/null
            for turn in $(seq 300); do
                [ -S {server.Socket} ] && exit 0
                sleep 0.1
            done
            exit 1

            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return server with { Supervise = supervise, StartCommand = supervise == Supervision.Attach ? [script] : [], Command = [] };
    }
}
