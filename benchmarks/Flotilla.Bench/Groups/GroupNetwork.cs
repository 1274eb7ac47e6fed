using System.Diagnostics;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Groups;

/// <summary>Three network namespaces on a bridge of their own; nothing of the host's network is touched. Needs root.</summary>
internal sealed class GroupNetwork : IDisposable
{
    public const int Nodes = 3;

    private readonly string _prefix;
    private readonly bool _isOurs;
    private readonly HashSet<(int, int)> _cut = [];

    public GroupNetwork()
        : this($"flb{Environment.ProcessId}-", isOurs: true)
    {
        Remove();
        Ip($"netns add {_prefix}0");
        Ip($"-n {_prefix}0 link add br0 type bridge");
        Ip($"-n {_prefix}0 link set br0 up");
        for (var node = 1; node <= Nodes; node++)
        {
            Ip($"netns add {NameOf(node)}");
            Ip($"-n {_prefix}0 link add v{node} type veth peer name eth0 netns {NameOf(node)}");
            Ip($"-n {_prefix}0 link set v{node} master br0 up");
            Ip($"-n {NameOf(node)} address add {AddressOf(node)}/24 dev eth0");
            Ip($"-n {NameOf(node)} link set eth0 up");
            Ip($"-n {NameOf(node)} link set lo up");
        }
    }

    private GroupNetwork(string prefix, bool isOurs) => (_prefix, _isOurs) = (prefix, isOurs);

    /// <summary>What the names of its namespaces begin with.</summary>
    public string Prefix => _prefix;

    /// <summary>Another process's network.</summary>
    public static GroupNetwork Of(string prefix) => new(prefix, isOurs: false);

    /// <summary>Gives the namespace of the bridge an address of its own, for programs in it that speak to the nodes.</summary>
    public void JoinBridge()
    {
        Ip($"-n {_prefix}0 address add {AddressOf(100)}/24 dev br0");
        Ip($"-n {_prefix}0 link set lo up");
    }

    /// <summary>A node's cable: without it nothing comes or goes, and nobody is told.</summary>
    public void SetPlugged(int node, bool isPlugged) => Ip($"-n {_prefix}0 link set v{node} {(isPlugged ? "up" : "down")}");

    public string NameOf(int node) => $"{_prefix}{node}";

    public static string AddressOf(int node) => $"10.77.0.{node}";

    /// <summary>A program in a node's network; standard input and output are the caller's.</summary>
    public Process Start(int node, IEnumerable<string> command, string? errors = null)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", NameOf(node), .. command])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = errors is not null,
        };
        var process = Process.Start(start)!;
        if (errors is not null)
        {
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is { } text)
                {
                    lock (this)
                        File.AppendAllText(errors, text + "\n");
                }
            };
            process.BeginErrorReadLine();
        }

        return process;
    }

    /// <summary>Nothing passes between the two any more.</summary>
    public void Cut(int one, int other)
    {
        _cut.Add((one, other));
        Ip($"-n {NameOf(one)} route add blackhole {AddressOf(other)}/32");
        Ip($"-n {NameOf(other)} route add blackhole {AddressOf(one)}/32");
    }

    public void Heal(int one, int other)
    {
        if (!_cut.Remove((one, other)))
            return;
        Ip($"-n {NameOf(one)} route del blackhole {AddressOf(other)}/32");
        Ip($"-n {NameOf(other)} route del blackhole {AddressOf(one)}/32");
    }

    public void Dispose()
    {
        if (_isOurs)
            Remove();
    }

    private void Remove()
    {
        for (var node = 0; node <= Nodes; node++)
            Run($"netns del {_prefix}{node}");
    }

    private static void Ip(string arguments)
    {
        var problem = Run(arguments);
        if (problem is not null)
            throw new BenchException($"ip {arguments}: {problem}");
    }

    private static string? Run(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Trim();
    }
}
