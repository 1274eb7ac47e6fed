using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>The end of all faults, for a majority.</summary>
public sealed partial class GroupWorld
{
    private readonly HashSet<int> _staysDown = [];
    private bool _isHealed;

    /// <summary>Whoever is to come back came back.</summary>
    internal bool IsLongHealed => Queue.NowNs > Parameters.SafetyNs + (Parameters.LivenessNs / 4);

    // All nodes, or, when no change is on its way, any set that holds a majority of the newest view's voters.
    private void Heal()
    {
        _isHealed = true;
        var core = Core();
        foreach (var node in Nodes)
        {
            if (core.Contains(node.Index))
                continue;
            _staysDown.Add(node.Index);
            EndFor(node, Random.OneIn(2) ? "kill" : "power", 1);
        }

        Network.MendAll(_ => true);
        foreach (var index in core)
        {
            var node = Nodes[index];
            node.Resume();
            HealSpecial(node);
            node.SlowNs = 0;
            node.Disk.StalledUntilNs = 0;
            if (node.Disk.Failure is not null || node.IsStopping)
                Replace(node);
            if (!node.IsRunning)
                Queue.After(Random.Next(1_000_000_000), new WorldEvent(WorldEventKind.Start, index));
        }

        Note(new TraceEvent { AtNs = Queue.NowNs, Process = -1, Kind = TraceKind.Heal, Text = string.Join(' ', core) });
    }

    private SortedSet<int> Core()
    {
        var all = new SortedSet<int>(Enumerable.Range(0, Nodes.Length));
        if (Newest is not { } view || _beside is not null || Parameters.IsCalm || Random.OneIn(2) || IsChanging(view) || Array.Exists(Nodes, node => node.Disk.Failure is not null))
            return all;
        var core = new SortedSet<int>(all);
        for (var tries = Random.Next(1, 1 + Nodes.Length); tries > 0 && core.Count > 2; tries--)
        {
            var gone = Random.Next(Nodes.Length);
            if (core.Remove(gone) && !HoldsMajority(view, core))
                core.Add(gone);
        }

        Count(core.Count < Nodes.Length ? "healed a majority" : "healed all");
        return core;
    }

    // Who lost its power does not know what it had: the others must be a majority without it.
    private bool HoldsMajority(ClusterView view, SortedSet<int> core)
        => 2 * view.Members.Sum(member => member.Role == MemberRole.Voter && core.Any(index => Nodes[index].LastNode == member.Id.Node && !Nodes[index].IsAmnesiac) ? member.Weight : 0) > view.TotalWeight;
}
