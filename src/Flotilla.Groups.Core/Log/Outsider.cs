using System.Collections.Immutable;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>
/// A node that is in no view: asks whoever it hears to be taken in. When nobody lives in a view, it recovers its last one together with a majority of that
/// view's voters; and when there never was one, it founds the cluster together with all founders.
/// </summary>
internal sealed class Outsider(LogState state, Strangers strangers, LiveMembers living, Acceptor acceptor, Proposer proposer, Func<IEnumerable<NodeId>> peers)
{
    private long _saidNs = long.MinValue / 2;
    private long _reportedNs = long.MinValue / 2;
    private long _startedNs;
    private long _dueSinceNs = long.MaxValue;

    private long NowNs => state.Context.NowNs;

    private NodeOptions Options => state.Context.Options;

    /// <summary>Its disk is empty, it is one of the founders, and nobody told it of a cluster.</summary>
    public bool MayFound => state.Current is null && state.Identity.Cluster.IsNone && Options.Founders.Contains(Options.Address, StringComparer.Ordinal) && !living.AreThere;

    public void OnStart() => _startedNs = NowNs;

    public void OnTick()
    {
        if (!state.Identity.IsReady || state.IsMember || state.IsOut || state.Disk.HasFailed || state.IsLeaving)
        {
            _dueSinceNs = long.MaxValue;
            return;
        }

        if (NowNs - _saidNs >= Options.HeartbeatNs)
            Say();
        if (proposer.Phase != ChangePhase.Idle || NowNs < proposer.BackOffUntilNs)
            return;
        if (MayFound)
            Found();
        else if (state.Current is not null && state.Learned is null && !living.AreThere)
            Recover();
        else
            _dueSinceNs = long.MaxValue;
    }

    public void OnRefused(in JoinRefusedFrame frame, Action<uint> next)
    {
        if (!state.IsMember && state.Identity.IsReady && state.Self.Incarnation <= frame.Highest)
            next(frame.Highest);
    }

    private void Say()
    {
        _saidNs = NowNs;
        foreach (var node in peers().Concat(state.Current?.View.Members.Select(member => member.Id.Node) ?? []).Distinct().ToArray())
        {
            if (node == state.Self.Node)
                continue;
            if (MayFound)
                new FoundFrame(state.Card, Options.Founders).Write(state.Builder);
            else
                new JoinFrame(state.Identity.Cluster, state.Epoch, state.Card).Write(state.Builder);
            state.Send(node, MayFound ? FrameType.Found : FrameType.Join);
        }
    }

    private void Found()
    {
        var here = strangers.Founders.Where(frame => SameFounders(frame.Founders)).Select(frame => frame.Card).Append(state.Card)
            .Where(card => Options.Founders.Contains(card.Address, StringComparer.Ordinal)).OrderBy(card => card.Id).ToImmutableArray();
        var missing = Options.Founders.Where(address => here.All(card => card.Address != address)).ToList();
        if (missing.Count > 0 || here.Length != Options.Founders.Distinct(StringComparer.Ordinal).Count())
        {
            Report($"to found the cluster, for {string.Join(", ", missing)}");
            return;
        }

        if (here[0].Id == state.Self && NowNs - acceptor.HeardProposerNs > Options.SuspectNs / 2)
            proposer.Begin(new ChangePlan { Why = "founding", Founders = here });
    }

    private bool SameFounders(ImmutableArray<string> founders)
        => founders.Order(StringComparer.Ordinal).SequenceEqual(Options.Founders.Order(StringComparer.Ordinal), StringComparer.Ordinal);

    private void Recover()
    {
        var view = state.Current!.View;
        if (view.Find(state.Self.Node) is null || NowNs - _startedNs < Options.SuspectNs || strangers.Joins.Any(join => join.Frame.Epoch > state.Epoch))
            return;
        var (weight, before) = (0, 0);
        List<string> missing = [];
        foreach (var member in view.Members)
        {
            var isHere = member.Id.Node == state.Self.Node || strangers.LatestIncarnation(member.Id.Node) > 0;
            weight += isHere ? Votes.WeightOf(member) : 0;
            if (!isHere && member.Role == MemberRole.Voter)
                missing.Add(member.Name);
            if (isHere && member.Role == MemberRole.Voter && view.RankOf(member.Id.Node) < view.RankOf(state.Self.Node))
                before++;
        }

        if (2 * weight < Votes.Total(view))
        {
            _dueSinceNs = long.MaxValue;
            Report($"to recover the view of epoch {view.Epoch}, for a majority of its voters; missing: {string.Join(", ", missing)}");
            return;
        }

        _dueSinceNs = Math.Min(_dueSinceNs, NowNs);
        if (view.Find(state.Self.Node)!.Role != MemberRole.Voter || NowNs - acceptor.HeardProposerNs < Options.SuspectNs / 2
            || NowNs - _dueSinceNs < (before * Options.SuspectNs) + (2 * Options.HeartbeatNs))
        {
            return;
        }

        proposer.Begin(new ChangePlan { Why = "nobody of the view lives: recovering it", IsRecovery = true });
    }

    private void Report(string text)
    {
        if (NowNs - _reportedNs < 10 * Options.SuspectNs)
            return;
        _reportedNs = NowNs;
        state.Context.Report(NodeEventKind.Waiting, number: state.Epoch, text: text);
    }
}
