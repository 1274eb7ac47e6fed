using System.Diagnostics;
using System.Text;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Groups;

/// <summary>Three corosync daemons as Debian ships them, with their defaults, and a member of a closed process group beside each.</summary>
internal sealed class CorosyncGroup : IGroupUnderTest
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flotilla-bench-corosync-");
    private readonly List<Process> _daemons = [];
    private readonly List<Probe> _probes = [];

    public IReadOnlyList<Probe> Probes => _probes;

    public int Sequencer => 0;

    public static async Task<CorosyncGroup> StartAsync(GroupNetwork network, string transport)
    {
        var group = new CorosyncGroup();
        try
        {
            await group.BeginAsync(network, transport);
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var probe in _probes)
            probe.End();
        foreach (var daemon in _daemons)
        {
            if (!daemon.HasExited)
                daemon.Kill();
            daemon.WaitForExit();
        }

        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task BeginAsync(GroupNetwork network, string transport)
    {
        var program = GroupPrograms.Corosync;
        for (var node = 1; node <= GroupNetwork.Nodes; node++)
        {
            var state = _folder.CreateSubdirectory($"state{node}").FullName;
            var path = Path.Combine(_folder.FullName, $"corosync{node}.conf");
            await File.WriteAllTextAsync(path, Configuration(transport, state));
            // A mount namespace of its own gives each daemon its own /run. The shell, unshare and ip become the daemon, so killing the process kills it.
            string[] command = ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /run && exec \"$0\" -f -c \"$1\"", program, path];
            var daemon = network.Start(node, command, Path.Combine(_folder.FullName, $"errors{node}"));
            _daemons.Add(daemon);
            _ = daemon.StandardOutput.ReadToEndAsync();
        }

        for (var node = 1; node <= GroupNetwork.Nodes; node++)
            _probes.Add(await StartProbeAsync(network, node));
        await GroupCases.WaitForMembersAsync(_probes, GroupNetwork.Nodes);
    }

    private async Task<Probe> StartProbeAsync(GroupNetwork network, int node)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var process = network.Start(node, [GroupPrograms.CpgProbe], Path.Combine(_folder.FullName, $"probe{node}"));
            var probe = new Probe(node, process, _daemons[node - 1].Kill);
            await Task.Delay(200);
            if (!process.HasExited)
                return probe;
        }

        throw new BenchException($"corosync on node {node} did not start: {string.Join(' ', await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, $"errors{node}")))}");
    }

    private static string Configuration(string transport, string state)
    {
        var text = new StringBuilder();
        text.Append($"totem {{\n version: 2\n cluster_name: bench\n transport: {transport}\n crypto_cipher: none\n crypto_hash: none\n}}\n");
        text.Append("nodelist {\n");
        for (var node = 1; node <= GroupNetwork.Nodes; node++)
            text.Append($" node {{\n  ring0_addr: {GroupNetwork.AddressOf(node)}\n  name: node{node}\n  nodeid: {node}\n }}\n");
        text.Append($"}}\nsystem {{\n state_dir: {state}\n}}\n");
        text.Append("logging {\n to_stderr: yes\n to_syslog: no\n to_logfile: no\n}\n");
        return text.ToString();
    }
}
