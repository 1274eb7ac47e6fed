using System.Text;

namespace Flotilla.Sandbox;

/// <summary>Writes the scripts of a group: over <c>use</c>, <c>start</c>, ... in the folder of each of its servers.</summary>
internal static class GroupWriter
{
    private static readonly string[] OfReplication = ["check_slaves", "initialize_slaves", "test_replication", "use_all_masters", "use_all_slaves"];

    /// <param name="folder">The group's folder.</param>
    /// <param name="record">Who its servers are.</param>
    /// <param name="takes">Which of the scripts; null: all that make sense.</param>
    public static void Write(string folder, SandboxRecord record, Func<string, bool>? takes = null)
    {
        var replicates = record.Spec.Topology != SandboxTopology.Multiple;
        SafeFile.Write(Path.Combine(folder, "sb_env"), Environment(record), SafeFile.Public);
        foreach (var name in Scripts.Group.Where(name => replicates || !OfReplication.Contains(name, StringComparer.Ordinal)).Where(takes ?? (_ => true)))
            SafeFile.Write(Path.Combine(folder, name), Scripts.Read("group", name), name == "sb_include" ? SafeFile.Public : SafeFile.Program);
        foreach (var (name, node) in Shortcuts(record))
        {
            var text = $"#!/bin/sh\n# The command-line client on {node.Name}.\nexec \"$(dirname -- \"$0\")/{node.Folder}/use\" \"$@\"\n";
            SafeFile.Write(Path.Combine(folder, name), text, SafeFile.Program);
        }
    }

    /// <summary>n1.. for all; m or m1.. for those replicated from, s1.. for those that replicate.</summary>
    public static IEnumerable<(string Name, SandboxNode Node)> Shortcuts(SandboxRecord record)
    {
        var all = record.Nodes.Select((node, at) => ($"n{at + 1}", node));
        if (record.Spec.Topology == SandboxTopology.Multiple)
            return all;
        var (masters, slaves) = (Masters(record), Slaves(record));
        return all
            .Concat(masters.Take(1).Select(node => ("m", node)))
            .Concat(masters.Count > 1 ? masters.Select((node, at) => ($"m{at + 1}", node)) : [])
            .Concat(slaves.Select((node, at) => ($"s{at + 1}", node)));
    }

    private static List<SandboxNode> Masters(SandboxRecord record)
        => [.. record.Nodes.Where(node => node.Role is SandboxRole.Primary or SandboxRole.Peer)];

    private static List<SandboxNode> Slaves(SandboxRecord record) => [.. record.Nodes.Where(node => node.Sources.Count > 0)];

    private static string Environment(SandboxRecord record)
    {
        var statements = ReplicationStatements.For(record.Spec.Server);
        var topology = record.Spec.Topology switch
        {
            SandboxTopology.Replication => "replication",
            SandboxTopology.Ring => "ring",
            SandboxTopology.AllMasters => "all-masters",
            SandboxTopology.FanIn => "fan-in",
            SandboxTopology.Multiple => "multiple",
            SandboxTopology.Single => "single",
            _ => throw new InvalidOperationException($"unknown topology {record.Spec.Topology}"),
        };
        var text = new StringBuilder("# Which servers the scripts beside are about.\n");
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)
        [
            ("SB_TOPOLOGY", topology),
            ("SB_NODES", Join(record.Nodes)),
            ("SB_NODES_BACKWARDS", Join(record.Nodes.Reverse())),
            ("SB_MASTERS", Join(Masters(record))),
            ("SB_SLAVES", Join(Slaves(record))),
            ("SB_SHOW_SLAVES", statements.ShowStatus),
            ("SB_SHOW_MASTER", statements.ShowCoordinates),
        ])
            text.Append($"{key}={Scripts.Quote(value)}\n");
        return text.ToString();
    }

    private static string Join(IEnumerable<SandboxNode> nodes) => string.Join(' ', nodes.Select(node => node.Name));
}
