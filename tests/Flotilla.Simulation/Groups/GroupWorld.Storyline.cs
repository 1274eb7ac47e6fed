using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Layer;
using Flotilla.Groups.Core.Log;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// Storylines: chains of failures, each of which must meet a moment that chance hardly ever meets. A storyline waits for a moment in what the nodes do, and
/// strikes in it. It breaks no more than the promises allow: whatever comes of it, they must hold.
/// </summary>
public sealed partial class GroupWorld
{
    private readonly List<(int From, int To)> _storyCuts = [];
    private IEnumerator<Func<bool>>? _story;
    private FaultKind _storyKind;
    private ulong _storyMoments;
    private long _storyEndsNs;

    /// <summary>Begins a storyline, one at a time: it is given up when its moments do not come in time.</summary>
    private bool Begin(PlannedFault fault, IEnumerable<Func<bool>> story)
    {
        if (_story is not null)
            return false;
        (_storyKind, _storyMoments, _storyEndsNs) = (fault.Kind, 0, Queue.NowNs + fault.DurationNs);
        _story = story.GetEnumerator();
        _story.MoveNext();
        return true;
    }

    /// <summary>After each event: perhaps it was the moment that is waited for.</summary>
    private void FollowStory()
    {
        if (_story is null)
            return;
        var isOver = _isHealed || Queue.NowNs > _storyEndsNs;
        while (!isOver && _story.Current())
        {
            Note(new TraceEvent { AtNs = Queue.NowNs, Process = -1, Kind = TraceKind.Fault, Number = ++_storyMoments, Text = $"{_storyKind}: moment {_storyMoments}" });
            isOver = !_story.MoveNext();
            if (isOver)
                Count("told to its end: " + _storyKind);
        }

        if (!isOver)
            return;
        foreach (var (from, to) in _storyCuts.ToArray())
            MendOfStory(from, to);
        _story.Dispose();
        _story = null;
    }

    private void Mute(SimNode from, SimNode to)
    {
        CutPath(from.Index, to.Index);
        _storyCuts.Add((from.Index, to.Index));
    }

    private void Part(SimNode one, SimNode other)
    {
        Mute(one, other);
        Mute(other, one);
    }

    private void Isolate(SimNode node)
    {
        foreach (var other in Nodes)
        {
            if (other != node)
                Part(node, other);
        }
    }

    private void Rejoin(SimNode one, SimNode other)
    {
        foreach (var (from, to) in _storyCuts.ToArray())
        {
            if ((from == one.Index && to == other.Index) || (from == other.Index && to == one.Index))
                MendOfStory(from, to);
        }
    }

    private void MendOfStory(int from, int to)
    {
        _storyCuts.Remove((from, to));
        if (Network.Link(from, to).IsCut)
            Network.Mend(from, to);
    }

    /// <summary>Nothing is under way: everybody is in the newest view with everything a member has, and so many vote.</summary>
    private bool IsSettled(int voters)
        => Newest is { } view && view.Members.Count(member => member.Role == MemberRole.Voter) == voters && Array.TrueForAll(
            Nodes, node => node is { IsPaused: false, IsStopping: false, IsAmnesiac: false } && LogOf(node) is { IsMember: true, HasState: true, IsSealed: false, Learned: null } log && log.Epoch == view.Epoch);

    /// <summary>The voters of the newest view: the sequencer, then the others in their order to propose.</summary>
    private SimNode[] VotersByTurn()
        => [.. Newest!.Members.Where(member => member.Role == MemberRole.Voter).OrderBy(member => member.Id.Node != Newest.Sequencer).Select(member => Array.Find(Nodes, node => node.Self.Node == member.Id.Node)!)];

    private Func<bool> After(double suspicions) => Before(suspicions, static () => false);

    /// <summary>A moment that is waited for no longer than so many suspicion times.</summary>
    private Func<bool> Before(double suspicions, Func<bool> moment)
    {
        var untilNs = Queue.NowNs + (long)(suspicions * Parameters.SuspectNs);
        return () => Queue.NowNs >= untilNs || moment();
    }

    private static LogState? LogOf(SimNode node) => node.Machine?.Log.State;

    private static ulong HeadOf(SimNode node) => LogOf(node)?.Log.Head ?? 0;

    private static bool HasPromised(SimNode node, SimNode proposer, ulong epoch) => LogOf(node) is { } log && log.Promised.Epoch == epoch && log.Promised.Proposer == proposer.Self.Node;

    /// <summary>The sequencer delivered a safe message that nobody else has but one, and that one not on disk.</summary>
    private static bool HasDeliveredWhatMayBeForgotten(SimNode sequencer, SimNode holder, SimNode late)
        => LogOf(holder) is { } held && HasDelivered(sequencer, Delivery.Safe, Math.Max(held.Disk.FlushedTo, HeadOf(late)));

    /// <summary>After a position.</summary>
    private static bool HasDelivered(SimNode node, Delivery delivery, ulong after) => HasMessage(node, delivery, after, node.Machine?.Log.DeliveredTo ?? 0);

    /// <summary>Between two positions.</summary>
    private static bool HasMessage(SimNode node, Delivery delivery, ulong after, ulong to)
    {
        if (LogOf(node) is not { } log)
            return false;
        for (var sequence = Math.Max(after, log.Log.BaseSequence) + 1; sequence <= to && log.Log.Has(sequence); sequence++)
        {
            if (EntryCodec.Header(log.Log.Entry(sequence)) is { Kind: LogEntryKind.Message } header && header.Delivery == delivery)
                return true;
        }

        return false;
    }

    private static bool GivesState(SimNode node) => LogOf(node)?.Consumer is GroupLayer { Donor.Count: > 0 };
}
