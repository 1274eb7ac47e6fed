using System.Diagnostics;

namespace Flotilla.Bench.Groups;

/// <summary>Three of our nodes, with their defaults, one process each.</summary>
internal sealed class FlotillaGroup : IGroupUnderTest
{
    private const int Port = 4740;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flotilla-bench-groups-");
    private readonly List<Probe> _probes = [];

    public IReadOnlyList<Probe> Probes => _probes;

    public int Sequencer { get; private set; }

    public static async Task<FlotillaGroup> StartAsync(GroupNetwork network, bool isInMemory = false)
    {
        var group = new FlotillaGroup();
        try
        {
            for (var node = 1; node <= GroupNetwork.Nodes; node++)
                group._probes.Add(new Probe(node, group.StartNode(network, node, isInMemory)));
            await GroupCases.WaitForMembersAsync(group._probes, GroupNetwork.Nodes);
            group.Sequencer = (int)(await group._probes[0].AskAsync("sequencer"))[0];
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
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private Process StartNode(GroupNetwork network, int node, bool isInMemory)
    {
        var founders = string.Join(',', Enumerable.Range(1, GroupNetwork.Nodes).Select(number => $"{GroupNetwork.AddressOf(number)}:{Port}"));
        return network.Start(node, [.. GroupPrograms.OwnProbe, $"{node}", $"{GroupNetwork.AddressOf(node)}:{Port}", founders, Path.Combine(_folder.FullName, $"node{node}"), isInMemory ? "memory" : "disk"]);
    }
}
