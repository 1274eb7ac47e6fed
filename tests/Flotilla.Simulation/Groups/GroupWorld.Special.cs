using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>What happens in special worlds: operators, witnesses, strangers.</summary>
public sealed partial class GroupWorld
{
    /// <summary>To which half the witness, or the fence, granted each epoch of each cluster.</summary>
    private readonly Dictionary<(ClusterId Cluster, ulong Epoch), SortedSet<NodeId>> _granted = [];
    private SimNode? _forced;

    /// <summary>Was forced to go on alone while the others lived: a cluster of its own.</summary>
    private SimNode? _beside;

    /// <summary>Half of the votes is all a node can have.</summary>
    internal override void TieBreakNeeded(SimNode node, TieBreak tie)
    {
        Count($"tie: {Parameters.Tie}");
        if (Parameters.Tie is TieRule.None or TieRule.Weight)
            return;
        var life = node.Life;
        MendLater(Random.Next(1, 300) * 1_000_000L, () =>
        {
            if (!node.IsRunning || node.IsPaused || node.Life != life)
                return;
            SortedSet<NodeId> half = [.. tie.Here.Select(id => id.Node)];
            var isGranted = _granted.TryAdd((tie.Cluster, tie.Epoch), half) || _granted[(tie.Cluster, tie.Epoch)].SetEquals(half);
            if (isGranted && Parameters.Tie == TieRule.Fence)
                Fence(tie);
            Count(isGranted ? "tie: granted" : "tie: refused");
            if (isGranted)
                Note(new TraceEvent { AtNs = Queue.NowNs, Process = node.Index, Kind = TraceKind.Granted, Member = node.Self, Epoch = tie.Epoch });
            node.Do(0, new DecideTie(tie.Epoch, tie.Here, isGranted));
            node.Settle();
        });
    }

    private void Fence(TieBreak tie)
    {
        foreach (var silent in Nodes.Where(node => tie.Silent.Any(id => id.Node == node.LastNode)))
            EndFor(silent, "power", Random.Next(500, 8_000) * 1_000_000L);
    }

    private bool TryInflictSpecial(PlannedFault fault)
    {
        var node = Nodes[fault.Node];
        switch (fault.Kind)
        {
            case FaultKind.NewerVersion when node.IsRunning && !node.IsStopping:
                Upgrade(node, isNewer: true);
                MendLater(fault.DurationNs, () => Upgrade(node, isNewer: false));
                return true;
            case FaultKind.UnknownFrame when node.IsRunning && !node.IsPaused && node.Peer(fault.Other) is { Connection: not 0 } peer:
                node.Take(new WorldEvent(WorldEventKind.Arrive, node.Index, fault.Other, peer.Connection, FrameOfNewerVersion(fault.Draw)));
                return true;
            case FaultKind.BitRot when _beside is null && MayWipe(node):
                EndFor(node, "kill", fault.DurationNs / 2);
                node.Rot(fault.Draw);
                MendLater(fault.DurationNs, () => ReplaceDisk(node));
                return true;
            case FaultKind.ForeignNode when node is { Machine.Cluster.IsNone: false, IsPaused: false }:
                new SimStranger(this, fault.Draw).Knock(node, Queue.NowNs + fault.DurationNs);
                return true;
            case FaultKind.ForceBootstrap when (fault.Draw & 0x300) == 0 && MayForceBeside(node):
                _beside = node;
                Force(node, "beside the others");
                return true;
            case FaultKind.ForceBootstrap when MayForce(node):
                LoseAllBut(node, fault);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A type nobody knows, or fields after the last one that is known. Length first.</summary>
    private static byte[] FrameOfNewerVersion(uint draw)
        => (draw & 1) == 0 ? [3, 0, 0, 0, 200, 1, 2] : [19, 0, 0, 0, (byte)FrameType.Probe, .. new byte[18]];

    /// <summary>Another program is installed and started.</summary>
    private void Upgrade(SimNode node, bool isNewer)
    {
        if ((node.WireVersion > FrameLimits.WireVersion) == isNewer)
            return;
        node.WireVersion = FrameLimits.WireVersion + (isNewer ? 1 : 0);
        if (!_staysDown.Contains(node.Index))
            EndFor(node, "kill", 200_000_000);
    }

    /// <summary>The node refused to start: the operator takes another disk.</summary>
    private void ReplaceDisk(SimNode node)
    {
        if (!node.Disk.IsRotten)
            return;
        node.Wipe();
        Queue.After(1, new WorldEvent(WorldEventKind.Start, node.Index));
    }

    // The operator knows which node had the newest view; nobody who could know of a newer one may be left.
    private bool MayForce(SimNode node)
        => _forced is null && _beside is null && Newest is { } view && node.IsRunning && !node.IsPaused && !node.IsStopping && view.Contains(node.Self) && node.View?.Epoch == view.Epoch
            && node.WireVersion == FrameLimits.WireVersion && view.Members.Length > 1 && node.Machine!.Log.State.HasState;

    // External clients would be in both clusters.
    private bool MayForceBeside(SimNode node)
        => Parameters.Clients == 0 && MayForce(node) && !IsChanging(Newest!)
            && 2 * Newest!.Members.Sum(member => member.Role == MemberRole.Voter && Array.Exists(Nodes, one => one != node && one.IsRunning && one.Self == member.Id) ? member.Weight : 0) > Newest.TotalWeight;

    /// <summary>All other disks are gone. After a while the operator finds out, and lets the one that is left go on alone; the others come back with empty disks.</summary>
    private void LoseAllBut(SimNode survivor, PlannedFault fault)
    {
        _forced = survivor;
        var source = new SeededRandom(fault.Draw | 1);
        foreach (var node in Nodes.Where(node => node != survivor))
        {
            EndFor(node, "wipe", source.Next(1, 8_000) * 1_000_000L);
            node.Wipe();
        }

        MendLater(source.Next(1, 5_000) * 1_000_000L, Force);
    }

    /// <summary>Where a weight, a witness or a fence let it go on by itself there is nothing to force.</summary>
    private void Force()
    {
        if (_forced is not { } survivor)
            return;
        if (!survivor.IsRunning || survivor.IsPaused || survivor.Self.Incarnation == 0)
        {
            MendLater(200_000_000, Force);
            return;
        }

        _forced = null;
        if (survivor.Machine?.View is not { } view || IsMajorityThere(view))
            return;
        Force(survivor, null);
    }

    private void Force(SimNode survivor, string? how)
    {
        Count(how is null ? "bootstrap forced" : $"bootstrap forced {how}");
        Note(new TraceEvent { AtNs = Queue.NowNs, Process = survivor.Index, Kind = TraceKind.Forced, Text = how });
        survivor.Do(0, new ForceBootstrap());
        survivor.Settle();
    }

    private bool IsMajorityThere(ClusterView view)
        => 2 * view.Members.Sum(member => member.Role == MemberRole.Voter && Array.Exists(Nodes, node => node.LastNode == member.Id.Node) ? member.Weight : 0) > view.TotalWeight;

    /// <summary>With the end of all faults: every program is the same, every disk is whole.</summary>
    private void HealSpecial(SimNode node)
    {
        Upgrade(node, isNewer: false);
        ReplaceDisk(node);
    }
}
