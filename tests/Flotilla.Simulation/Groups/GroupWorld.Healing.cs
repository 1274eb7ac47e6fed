using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>The end of all faults, for a majority.</summary>
public sealed partial class GroupWorld
{
    private bool _isHealed;

    /// <summary>Whoever is to come back came back.</summary>
    internal bool IsLongHealed => Queue.NowNs > Parameters.SafetyNs + (Parameters.LivenessNs / 4);

    // All nodes, or, when no change is on its way, any set that holds a majority of the newest view's voters.
    private void Heal()
    {
        _isHealed = true;
        var core = Core();
        foreach (var node in _nodes)
        {
            if (core.Contains(node.Index))
                continue;
            _staysDown.Add(node.Index);
            EndFor(node, _random.OneIn(2) ? "kill" : "power", 1);
        }

        Network.MendAll(_ => true);
        foreach (var index in core)
        {
            var node = _nodes[index];
            node.Resume();
            HealSpecial(node);
            node.SlowNs = 0;
            node.Disk.StalledUntilNs = 0;
            if (node.Disk.Failure is not null || node.IsStopping)
                Replace(node);
            if (!node.IsRunning)
                Queue.After(_random.Next(1_000_000_000), new WorldEvent(WorldEventKind.Start, index));
        }

        Note(new TraceEvent { AtNs = Queue.NowNs, Process = -1, Kind = TraceKind.Heal, Text = string.Join(' ', core) });
    }

    private SortedSet<int> Core()
    {
        var all = new SortedSet<int>(Enumerable.Range(0, _nodes.Length));
        if (_newest is not { } view || _beside is not null || Parameters.IsCalm || _random.OneIn(2) || IsChanging(view) || Array.Exists(_nodes, node => node.Disk.Failure is not null))
            return all;
        var core = new SortedSet<int>(all);
        for (var tries = _random.Next(1, 1 + _nodes.Length); tries > 0 && core.Count > 2; tries--)
        {
            var gone = _random.Next(_nodes.Length);
            if (core.Remove(gone) && !HoldsMajority(view, core))
                core.Add(gone);
        }

        Count(core.Count < _nodes.Length ? "healed a majority" : "healed all");
        return core;
    }

    // A view is accepted somewhere, or promised to a proposer that counts on who promised: with that one gone too much may be.
    private bool IsChanging(ClusterView view) => Array.Exists(_nodes, node => Math.Max(node.AcceptedEpoch, node.PromisedEpoch) > view.Epoch);

    // Who lost its power does not know what it had: the others must be a majority without it.
    private bool HoldsMajority(ClusterView view, SortedSet<int> core)
        => 2 * view.Members.Sum(member => member.Role == MemberRole.Voter && core.Any(index => _nodes[index].LastNode == member.Id.Node && !_nodes[index].IsAmnesiac) ? member.Weight : 0) > view.TotalWeight;
}
