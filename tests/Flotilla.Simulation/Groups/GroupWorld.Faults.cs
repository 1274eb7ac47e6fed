using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>What goes wrong, and how it is put right.</summary>
public sealed partial class GroupWorld
{
    private void Inflict(int number)
    {
        var fault = _plan[number];
        if (_isHealed || !TryInflict(fault))
            return;
        Count("fault: " + fault.Kind);
        Note(new TraceEvent { AtNs = Queue.NowNs, Process = -1, Kind = TraceKind.Fault, Number = (ulong)number, Text = fault.ToString() });
    }

    private bool TryInflict(PlannedFault fault)
    {
        if (StorylineOf(fault) is { } story)
            return Begin(fault, story);
        var node = Nodes[fault.Node];
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                return EndFor(node, "kill", fault.DurationNs);
            case FaultKind.PowerFailure:
                return MayLosePower(one => one == node) && EndFor(node, "power", fault.DurationNs);
            case FaultKind.KillSequencer:
                return Newest is { } view && Array.Find(Nodes, one => one.Self.Node == view.Sequencer) is { } sequencer && EndFor(sequencer, "kill", fault.DurationNs);
            case FaultKind.PowerFailureOfAll when !MayLosePower(_ => true):
                return false;
            case FaultKind.KillAll or FaultKind.PowerFailureOfAll:
                var how = fault.Kind == FaultKind.KillAll ? "kill" : "power";
                var source = new SeededRandom(fault.Draw | 1);
                return Count(Nodes, one => EndFor(one, how, fault.DurationNs + source.Next(2_000_000_000))) > 0;
            case FaultKind.Stop when node.IsRunning && !node.IsPaused && !node.IsStopping:
                return StopFor(node, fault.DurationNs);
            case FaultKind.Wipe when _beside is null && MayWipe(node):
                EndFor(node, "wipe", fault.DurationNs);
                node.Wipe();
                return true;
            case FaultKind.Pause or FaultKind.ShortPause when node.IsRunning && !node.IsPaused:
                node.Pause();
                Queue.After(fault.DurationNs, new WorldEvent(WorldEventKind.Resume, fault.Node));
                return true;
            case FaultKind.DiskStall:
                node.Disk.StalledUntilNs = Queue.NowNs + fault.DurationNs;
                return true;
            case FaultKind.DiskFull or FaultKind.FlushFails when node.IsRunning && node.Disk.Failure is null:
                node.Disk.Failure = fault.Kind == FaultKind.DiskFull ? "no space left on device" : "input/output error";
                MendLater(fault.DurationNs, () => Replace(node));
                return true;
            case FaultKind.ClockRate or FaultKind.ClockRateBeyondBound:
                return ChangeClock(node, fault);
            case FaultKind.SlowProcess when node.IsRunning:
                node.SlowNs = 5_000_000 + (fault.Draw % 100_000_000);
                MendLater(fault.DurationNs, () => node.SlowNs = 0);
                return true;
            default:
                return TryInflictOnNetwork(fault);
        }
    }

    private bool TryInflictOnNetwork(PlannedFault fault)
    {
        var (a, b, size) = (fault.Node, fault.Other, Nodes.Length);
        switch (fault.Kind)
        {
            case FaultKind.Halves:
                return CutFor(fault.DurationNs, (from, to) => IsLeft(fault, from) != IsLeft(fault, to));
            case FaultKind.Isolate:
                return CutFor(fault.DurationNs, (from, to) => from == a || to == a);
            case FaultKind.OneWay:
                return (fault.Draw & 1) == 0 ? CutFor(fault.DurationNs, (from, _) => from == a) : CutFor(fault.DurationNs, (_, to) => to == a);
            case FaultKind.Bridge:
                return CutFor(fault.DurationNs, (from, to) => from != a && to != a && IsLeft(fault, from) != IsLeft(fault, to));
            case FaultKind.MajoritiesRing:
                return CutFor(fault.DurationNs, (from, to) => Math.Min((from - to + size) % size, (to - from + size) % size) > Math.Max(1, size / 4));
            case FaultKind.SingleLink:
                return CutFor(fault.DurationNs, (from, to) => (from == a && to == b) || (from == b && to == a));
            case FaultKind.SingleDirection:
                return CutFor(fault.DurationNs, (from, to) => from == a && to == b);
            case FaultKind.Flapping:
                Flap(a, b, Queue.NowNs + fault.DurationNs, new SeededRandom(fault.Draw | 1));
                return true;
            case FaultKind.Clog:
                Network.Link(a, b).ClogUntilNs = Queue.NowNs + fault.DurationNs;
                return true;
            case FaultKind.SlowLink:
                Network.Link(a, b).MinDelayNs += 1_000_000 * (1 + (fault.Draw % 400));
                MendLater(fault.DurationNs, () => Network.Link(a, b).MinDelayNs = Parameters.MinDelayNs);
                return true;
            case FaultKind.ThinLink:
                Network.Link(a, b).BytesPerSecond = 5_000 + (fault.Draw % 200_000);
                MendLater(fault.DurationNs, () => Network.Link(a, b).BytesPerSecond = 125_000_000);
                return true;
            case FaultKind.Loss:
                SetLoss((int)(fault.Draw % 300_000));
                MendLater(fault.DurationNs, () => SetLoss(Parameters.LossPpm));
                return true;
            case FaultKind.Reset when Nodes[a].IsRunning && Nodes[a].Peer(b).Connection != 0:
                Break(a, b, PeerLoss.Broken);
                return true;
            default:
                return TryInflictSpecial(fault);
        }
    }

    private static int Count(SimNode[] nodes, Func<SimNode, bool> what)
    {
        var count = 0;
        foreach (var node in nodes)
            count += what(node) ? 1 : 0;
        return count;
    }

    private static bool IsLeft(PlannedFault fault, int node) => node < 32 && ((fault.Draw >> node) & 1) == 1;

    private void SetLoss(int ppm)
    {
        for (var i = 0; i < Nodes.Length * Nodes.Length; i++)
            Network.Link(i / Nodes.Length, i % Nodes.Length).LossPpm = ppm;
    }

    private bool StopFor(SimNode node, long durationNs)
    {
        node.Stop();
        var life = node.Life;
        MendLater(durationNs, () =>
        {
            if (node.IsRunning && node.Life == life)
                EndFor(node, "kill", 1_000_000);
            else
                Queue.After(1, new WorldEvent(WorldEventKind.Start, node.Index));
        });
        return true;
    }

    // A supervisor starts the process anew once the disk works again.
    private void Replace(SimNode node)
    {
        node.Disk.Failure = null;
        if (node.IsRunning)
            EndFor(node, "kill", 100_000_000);
    }

    private bool ChangeClock(SimNode node, PlannedFault fault)
    {
        var isBeyond = fault.Kind == FaultKind.ClockRateBeyondBound;
        var span = isBeyond ? 200_000 : 500;
        node.Clock.SetRate(Queue.NowNs, (int)(fault.Draw % (2 * span)) - span);
        if (isBeyond)
            Note(new TraceEvent { AtNs = Queue.NowNs, Process = -1, Kind = TraceKind.Expect, Text = "drift" });
        MendLater(fault.DurationNs, () => node.Clock.SetRate(Queue.NowNs, 0));
        return true;
    }

    private void Flap(int a, int b, long untilNs, SeededRandom random)
    {
        if (Queue.NowNs >= untilNs || _isHealed)
            return;
        CutFor(random.Next(1, 600) * 1_000_000L, (from, to) => (from == a && to == b) || (from == b && to == a));
        MendLater(random.Next(601, 1_500) * 1_000_000L, () => Flap(a, b, untilNs, random));
    }
}
