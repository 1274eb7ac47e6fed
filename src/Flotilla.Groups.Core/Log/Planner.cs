using System.Collections.Immutable;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>Of a living member: what ought to change in the view, and whether it is this member's turn to propose it.</summary>
internal sealed class Planner(LogState state, Strangers strangers, Leavers leavers, Sequencer sequencer, Acceptor acceptor)
{
    private long _dueSinceNs = long.MaxValue;
    private long _sealedSinceNs = long.MaxValue;
    private long _tieSinceNs = long.MaxValue;

    private long NowNs => state.Context.NowNs;

    private NodeOptions Options => state.Context.Options;

    private ClusterView View => state.Current!.View;

    public void OnInstalled()
    {
        _dueSinceNs = _sealedSinceNs = _tieSinceNs = long.MaxValue;
        leavers.OnInstalled(View);
    }

    /// <summary>Null when nothing ought to change, or somebody else is to do it.</summary>
    public ChangePlan? Next()
    {
        if (!state.IsMember || state.Disk.HasFailed || state.Context.Links.IsInDoubtOfItself)
            return null;
        var go = Going();
        var isSequencerGoing = go.Any(id => id.Node == View.Sequencer);
        var plan = state.IsSequencer || isSequencerGoing ? Plan(go, isSequencerGoing) : null;
        _sealedSinceNs = state.IsSealed ? Math.Min(_sealedSinceNs, NowNs) : long.MaxValue;
        if (plan is null && state.IsSealed && NowNs - _sealedSinceNs > Options.SuspectNs)
            plan = new ChangePlan { Why = "a change was not finished", Go = go };
        if (plan is null)
        {
            _dueSinceNs = long.MaxValue;
            return null;
        }

        _dueSinceNs = Math.Min(_dueSinceNs, NowNs);
        return IsMyTurn(go, isSequencerGoing) && CanSucceed() ? plan : null;
    }

    /// <summary>What a probe is answered with: this member thinks so too.</summary>
    public bool Supports(NodeId prober)
    {
        if (state.Current is not { } current || state.Context.Links.IsInDoubtOfItself || prober == current.View.Sequencer)
            return false;
        return current.View.Find(current.View.Sequencer) is { } member && member.Id != state.Self && IsGoing(member.Id);
    }

    private bool IsGoing(MemberId id)
        => state.Context.Links.IsSuspected(id) || strangers.LatestIncarnation(id.Node) > id.Incarnation || leavers.Includes(id);

    private ImmutableArray<MemberId> Going()
    {
        var links = state.Context.Links;
        var verdict = links.Verdict is { } found && found.Epoch == View.Epoch ? found : null;
        var go = ImmutableArray.CreateBuilder<MemberId>();
        foreach (var member in View.Members)
        {
            var id = member.Id;
            if (id == state.Self)
                continue;
            if (links.IsConfirmedGone(id) || strangers.LatestIncarnation(id.Node) > id.Incarnation || leavers.Includes(id) || verdict?.Go.Contains(id) == true
                || (state.IsSequencer && sequencer.Find(id.Node) is { } progress && sequencer.LagOf(progress) > Options.MaxLagBytes))
            {
                go.Add(id);
            }
        }

        AddTie(go);
        return go.ToImmutable();
    }

    /// <summary>The detector knows majorities only. Exactly half of the votes may still win, when a witness says so.</summary>
    private void AddTie(ImmutableArray<MemberId>.Builder go)
    {
        var silent = View.Members.Where(member => member.Id != state.Self && state.Context.Links.IsSuspected(member.Id)).Select(member => member.Id).ToList();
        var weight = silent.Sum(id => Votes.WeightOf(View.Find(id.Node)!));
        if (silent.Count == 0 || 2 * weight != Votes.Total(View))
        {
            _tieSinceNs = long.MaxValue;
            return;
        }

        _tieSinceNs = Math.Min(_tieSinceNs, NowNs);
        if (NowNs - _tieSinceNs < Options.SuspectNs / 2)
            return;
        foreach (var id in silent)
        {
            if (!go.Contains(id))
                go.Add(id);
        }
    }

    private ChangePlan? Plan(ImmutableArray<MemberId> go, bool isSequencerGoing)
    {
        List<string> why = [];
        if (!go.IsEmpty)
            why.Add($"{Names(go)} out");
        var join = Joining();
        if (!join.IsEmpty)
            why.Add($"{string.Join(", ", join.Select(card => card.Name))} in");
        var demote = Lagging();
        if (!demote.IsEmpty)
        {
            why.Add($"{demote.Length} fell behind");
            foreach (var node in demote)
                state.Context.Report(NodeEventKind.FellBehind, node, state.Epoch);
        }

        if (state.IsSequencer && VotersWouldChange(go, demote))
            why.Add("voters change");
        if (state.IsSequencer && state.IsLeaving && View.Members.Length > 1)
            why.Add("the sequencer leaves");
        if (IsSomebodySealed())
            why.Add("a change was not finished");
        return why.Count == 0 ? null : new ChangePlan
        {
            Why = string.Join("; ", why), Go = go, Join = join, Demote = demote,
            NeedsProbe = isSequencerGoing && !state.IsSealed && !state.Context.Links.IsConfirmedGone(View.Find(View.Sequencer)!.Id),
        };
    }

    /// <summary>All who ask, but not the same life twice; together when they come together.</summary>
    private ImmutableArray<NodeCard> Joining()
    {
        var cards = ImmutableArray.CreateBuilder<NodeCard>();
        var isRipe = false;
        foreach (var (frame, firstNs) in strangers.Joins)
        {
            var id = frame.Card.Id;
            if (View.Contains(id) || Views.HighestOf(View, id.Node) >= id.Incarnation || !state.Context.Links.IsReachable(id.Node))
                continue;
            if (frame.Cluster.IsNone || frame.Cluster == View.Cluster)
                cards.Add(frame.Card);
            isRipe |= NowNs - firstNs >= Options.HeartbeatNs;
        }

        return isRipe ? cards.ToImmutable() : [];
    }

    private ImmutableArray<NodeId> Lagging()
    {
        var lagging = ImmutableArray.CreateBuilder<NodeId>();
        foreach (var other in sequencer.Others)
        {
            if (other.Member.Role == MemberRole.Voter && sequencer.LagOf(other) > Options.MaxLagBytes / 2)
                lagging.Add(other.Member.Id.Node);
        }

        return lagging.ToImmutable();
    }

    /// <summary>With what the members say they have, others would vote: somebody caught up, or there is an even number.</summary>
    private bool VotersWouldChange(ImmutableArray<MemberId> go, ImmutableArray<NodeId> demote)
    {
        if (!sequencer.IsAtWork)
            return false;
        bool CanVote(ClusterMember member)
        {
            if (member.Id == state.Self)
                return state.CanVote;
            if (demote.Contains(member.Id.Node) || sequencer.Find(member.Id.Node) is not { } progress)
                return false;
            return member.Role == MemberRole.Voter || ((progress.Flags & AckFlags.CanVote) != AckFlags.None && sequencer.MayVote(progress));
        }

        var chosen = NextView.ChooseVoters(View.Members.Where(member => !go.Contains(member.Id)), CanVote, Options.MaxVoters);
        return chosen.Any(node => View.Find(node)!.Role != MemberRole.Voter);
    }

    private bool IsSomebodySealed()
    {
        if (state.IsSealed)
            return true;
        foreach (var other in sequencer.Others)
        {
            if ((other.Flags & AckFlags.Sealed) != AckFlags.None)
                return true;
        }

        return false;
    }

    /// <summary>The sequencer; when it goes, the first voter that stays, and the next ones after a while each. Nobody disturbs a proposer that is heard.</summary>
    private bool IsMyTurn(ImmutableArray<MemberId> go, bool isSequencerGoing)
    {
        if (state.IsSealed && NowNs - acceptor.HeardProposerNs < Options.SuspectNs / 2)
            return false;
        if (state.IsSequencer)
            return true;
        if (!state.HasState)
            return false;
        var before = 0;
        var isVoter = View.Find(state.Self.Node)!.Role == MemberRole.Voter;
        foreach (var member in View.Members)
        {
            if (member.Id == state.Self)
            {
                if (isVoter)
                    break;
                continue;
            }

            if (!go.Contains(member.Id) && (isVoter ? member.Role == MemberRole.Voter : true))
                before++;
        }

        return NowNs - _dueSinceNs >= before * Options.SuspectNs / (isSequencerGoing ? 2 : 1);
    }

    /// <summary>Half of the votes at least can be asked for.</summary>
    private bool CanSucceed()
    {
        var weight = 0;
        foreach (var member in View.Members)
        {
            if (member.Id.Node == state.Self.Node || state.Context.Links.IsReachable(member.Id.Node))
                weight += Votes.WeightOf(member);
        }

        return 2 * weight >= Votes.Total(View);
    }

    private string Names(ImmutableArray<MemberId> ids) => string.Join(", ", ids.Select(id => View.Find(id.Node)?.Name));
}
