using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace Flotilla.Groups.Core.Links;

/// <summary>
/// Says which members ought to go. Lives that are over for certain go at once. Others go when nobody hears them for the suspicion time, or when
/// they are no part of the largest set whose members reach one another, directly or by one relay; and only after that has been so
/// without a break for a while, and nobody else is about to follow.
/// </summary>
internal sealed class CutDetector(NodeContext context, LinkTable table, LinkTiming timing, SelfDoubt doubt)
{
    private readonly uint[] _hears = new uint[LargestSet.MaxMembers];
    private readonly uint[] _mutual = new uint[LargestSet.MaxMembers];
    private readonly int[] _weights = new int[LargestSet.MaxMembers];
    private ClusterView? _view;

    /// <summary>By rank; null at this node's own.</summary>
    private LinkPath?[] _members = [];

    /// <summary>Ranks of those whose paths to each other are all known: everybody, or only voters in a large cluster.</summary>
    private int[] _core = [];

    private bool[] _isOut = [];
    private bool[] _goes = [];
    private int _selfRank = -1;
    private bool _isLarge;

    public StayingMembers? Verdict { get; private set; }

    public void SetView(ClusterView view, bool isLarge)
    {
        _view = view;
        _isLarge = isLarge;
        _selfRank = view.RankOf(context.Self.Node);
        _members = new LinkPath?[view.Members.Length];
        for (var rank = 0; rank < _members.Length; rank++)
            _members[rank] = rank == _selfRank ? null : table.Find(view.Members[rank].Id.Node);
        _core = [.. Enumerable.Range(0, _members.Length)
            .Where(rank => !isLarge || view.Members[rank].Role == MemberRole.Voter).Take(LargestSet.MaxMembers)];
        _isOut = new bool[_members.Length];
        _goes = new bool[_members.Length];
        Verdict = null;
        foreach (var path in table)
            path.OutSinceNs = LinkTiming.Never;
    }

    /// <summary>Whether a member is out by now: not only silent for a moment, and not by this node's fault.</summary>
    public bool IsOut(NodeId node)
    {
        var rank = _view?.RankOf(node) ?? -1;
        if (rank < 0 || rank == _selfRank || doubt.IsInDoubt || _members[rank] is not { } path)
            return false;
        return (_isOut[rank] && IsSettled(path)) || IsSilent(path, doubt.SuspectNs);
    }

    /// <summary>A weighted majority of the view's voters, this node among them, was heard since an instant.</summary>
    public bool HearsMajoritySince(long sinceNs)
    {
        if (_view is not { } view)
            return false;
        var weight = 0;
        for (var rank = 0; rank < _members.Length; rank++)
        {
            if (view.Members[rank].Role == MemberRole.Voter && (_members[rank] is not { } path || path.HeardNs > sinceNs))
                weight += view.Members[rank].Weight;
        }

        return 2 * weight > view.TotalWeight;
    }

    /// <summary>Two others or more, and not one of them was heard for long.</summary>
    public bool HearsNobody()
    {
        var others = 0;
        foreach (var path in _members)
        {
            if (path is null || path.IsOver)
                continue;
            if (!IsSilent(path, timing.TwilightNs) || IsSilent(path, 2 * doubt.SuspectNs))
                return false;
            others++;
        }

        return others >= 2;
    }

    public void Evaluate()
    {
        if (_view is not { } view || _selfRank < 0)
        {
            Verdict = null;
            return;
        }

        Array.Clear(_isOut);
        if (!doubt.IsInDoubt)
            FindOut(view);
        var mustWait = Settle();
        var hasGoing = false;
        for (var rank = 0; rank < _members.Length; rank++)
        {
            var isOver = IsLifeOver(view.Members[rank].Id);
            _goes[rank] = isOver || (!mustWait && _isOut[rank] && IsSettled(_members[rank]!));
            hasGoing |= _goes[rank];
        }

        Verdict = hasGoing && HoldsMajority(view) ? Keep(view) : null;
    }

    private bool IsSilent(LinkPath path, long forNs)
        => context.NowNs - Math.Max(Math.Max(path.FreshNs, path.MemberSinceNs), doubt.FloorNs) > forNs;

    private bool IsSettled(LinkPath path) => path.OutSinceNs != LinkTiming.Never && context.NowNs - path.OutSinceNs >= timing.StableNs;

    private bool IsLifeOver(MemberId id)
        => id.Node == context.Self.Node ? id.Incarnation < context.Self.Incarnation : LinkMonitor.IsLifeOver(table.Find(id.Node), id);

    /// <summary>The processes whose votes can still be had: any life of a node that is heard.</summary>
    private bool IsAlive(int rank) => _members[rank] is not { } path || (!path.IsOver && !IsSilent(path, doubt.SuspectNs));

    private void FindOut(ClusterView view)
    {
        var alive = 0u;
        var leftWeight = 0;
        for (var i = 0; i < _core.Length; i++)
        {
            var member = view.Members[_core[i]];
            _weights[i] = member.Role == MemberRole.Voter ? member.Weight : 0;
            if (IsAlive(_core[i]))
                alive |= 1u << i;
            else if (_members[_core[i]] is { IsOver: true, HasLeft: true })
                leftWeight += _weights[i];
        }

        Connect(alive);
        var sequencer = Array.IndexOf(_core, view.RankOf(view.Sequencer));
        var largest = new LargestSet(_mutual, _weights, leftWeight, view.TotalWeight, sequencer < 0 ? 0 : 1u << sequencer);
        var isComplete = true;
        for (var rest = alive; rest != 0; rest &= rest - 1)
            isComplete &= (alive & ~_mutual[BitOperations.TrailingZeroCount(rest)] & ~(rest & (0 - rest))) == 0;
        var stay = !isComplete ? largest.Find(alive) : largest.HoldsMajority(alive) ? alive : 0;
        var self = Array.IndexOf(_core, _selfRank);
        if (stay == 0 || (self >= 0 && (stay & (1u << self)) == 0))
            return;
        for (var i = 0; i < _core.Length; i++)
            _isOut[_core[i]] = (stay & (1u << i)) == 0;
        if (!_isLarge)
            return;
        for (var rank = 0; rank < _members.Length; rank++)
        {
            if (view.Members[rank].Role != MemberRole.Voter && rank != _selfRank)
                _isOut[rank] = !IsAlive(rank) || IsDeaf(_members[rank]!);
        }
    }

    /// <summary>Who reaches whom: straight, or by one relay that is alive.</summary>
    private void Connect(uint alive)
    {
        for (var to = 0; to < _core.Length; to++)
        {
            _hears[to] = 0;
            for (var from = 0; from < _core.Length; from++)
            {
                if (from != to && (alive & (1u << from)) != 0 && (alive & (1u << to)) != 0 && Hears(_core[to], _core[from]))
                    _hears[to] |= 1u << from;
            }
        }

        for (var a = 0; a < _core.Length; a++)
        {
            _mutual[a] = 0;
            for (var b = 0; b < _core.Length; b++)
            {
                if (a != b && Reaches(a, b) && Reaches(b, a))
                    _mutual[a] |= 1u << b;
            }
        }
    }

    private bool Reaches(int from, int to)
    {
        if ((_hears[to] & (1u << from)) != 0)
            return true;
        for (var rest = _hears[to]; rest != 0; rest &= rest - 1)
        {
            if ((_hears[BitOperations.TrailingZeroCount(rest)] & (1u << from)) != 0)
                return true;
        }

        return false;
    }

    /// <summary>A learner of a large cluster gets no word from most voters: it goes by their silence alone.</summary>
    private bool Hears(int to, int from)
    {
        if (_isLarge && Array.IndexOf(_core, _selfRank) < 0)
            return true;
        var sinceNs = Math.Max(doubt.FloorNs, Math.Max(_members[to]?.MemberSinceNs ?? LinkTiming.Never, _members[from]?.MemberSinceNs ?? LinkTiming.Never));
        var slot = _members[from]?.Slot ?? LinkTable.SelfSlot;
        var heardNs = _members[to] is { } hearer ? hearer.HeardAtNs(slot) : _members[from]!.DirectNs;
        return context.NowNs - Math.Max(heardNs, sinceNs) <= doubt.SuspectNs;
    }

    /// <summary>Of a large cluster's other members only their own word is known: one that speaks, and says that it hears nobody.</summary>
    private bool IsDeaf(LinkPath path)
    {
        if (!path.HasSpokenWithin(context.NowNs, timing.PathNs) || context.NowNs - path.MemberSinceNs <= doubt.SuspectNs)
            return false;
        if (path.VectorNs - path.HeardAtNs(LinkTable.SelfSlot) <= doubt.SuspectNs)
            return false;
        foreach (var other in table)
        {
            if (path.VectorNs - path.HeardAtNs(other.Slot) <= doubt.SuspectNs)
                return false;
        }

        return true;
    }

    /// <summary>Runs each member's time outside the picture. True while somebody else is about to follow, up to a limit.</summary>
    private bool Settle()
    {
        var nowNs = context.NowNs;
        var earliestNs = long.MaxValue;
        var isMoving = false;
        for (var rank = 0; rank < _members.Length; rank++)
        {
            if (_members[rank] is not { } path)
                continue;
            if (!_isOut[rank])
            {
                path.OutSinceNs = LinkTiming.Never;
                isMoving |= !path.IsOver && IsSilent(path, timing.TwilightNs);
                continue;
            }

            if (path.OutSinceNs == LinkTiming.Never)
                path.OutSinceNs = nowNs;
            if (IsSettled(path))
                earliestNs = Math.Min(earliestNs, path.OutSinceNs);
            else
                isMoving = true;
        }

        return isMoving && (earliestNs == long.MaxValue || nowNs - earliestNs < timing.StableNs + timing.SuspectNs);
    }

    private bool HoldsMajority(ClusterView view)
    {
        var (weight, leftWeight) = (0, 0);
        for (var rank = 0; rank < _members.Length; rank++)
        {
            var member = view.Members[rank];
            if (member.Role != MemberRole.Voter)
                continue;
            if (_members[rank] is { IsOver: true } path)
                leftWeight += path.HasLeft ? member.Weight : 0;
            else if (!_isOut[rank] && IsAlive(rank))
                weight += member.Weight;
        }

        return (2 * weight) + leftWeight > view.TotalWeight;
    }

    private StayingMembers? Keep(ClusterView view)
    {
        var stay = ImmutableArray.CreateBuilder<MemberId>(_members.Length);
        var go = ImmutableArray.CreateBuilder<MemberId>();
        for (var rank = 0; rank < _members.Length; rank++)
            (_goes[rank] ? go : stay).Add(view.Members[rank].Id);
        if (stay.Count == 0)
            return null;
        if (Verdict is { } last && last.Epoch == view.Epoch && last.Go.AsSpan().SequenceEqual(go.ToArray()))
            return last;
        var why = Explain(view);
        foreach (var id in go)
            context.Report(NodeEventKind.Suspected, id.Node, id.Incarnation, why);
        return new StayingMembers(view.Epoch, stay.ToImmutable(), go.ToImmutable(), why);
    }

    private string Explain(ClusterView view)
    {
        var text = new StringBuilder();
        for (var rank = 0; rank < _members.Length; rank++)
        {
            if (!_goes[rank])
                continue;
            var path = _members[rank];
            text.Append(text.Length > 0 ? "; " : "").Append(view.Members[rank].Name).Append(": ");
            if (IsLifeOver(view.Members[rank].Id))
                text.Append(path is { IsOver: true, HasLeft: true } ? "left" : path is { IsOver: true } ? "its process is gone" : "it began another life");
            else if (IsSilent(path!, doubt.SuspectNs))
                text.Append("nobody heard it for ").Append((context.NowNs - path!.FreshNs) / 1_000_000).Append(" ms");
            else
                text.Append("it does not reach the others, nor by a relay");
        }

        return text.ToString();
    }
}
