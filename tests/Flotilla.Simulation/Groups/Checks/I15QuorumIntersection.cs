using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups.Checks;

/// <summary>
/// Views are decided as Paxos decides: what is installed was accepted, on disk and in one ballot, by weighted majorities of the voters before it and of its own, a first view by all its members.
/// An epoch has one decision, a ballot one value, and no node goes below what it promised or accepted.
/// </summary>
internal sealed class I15QuorumIntersection : Check
{
    private Dictionary<NodeId, Ballot> _bounds = [];
    private SortedDictionary<Ballot, Vote> _votes = [];
    private Dictionary<ulong, (ClusterView View, ulong Hash)> _decided = [];
    private HashSet<(ulong Epoch, NodeId Proposer)> _granted = [];

    protected override void Run(TraceIndex trace)
    {
        (_bounds, _votes, _decided, _granted) = ([], [], [], []);
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            switch (happened.Kind)
            {
                case TraceKind.Promised:
                    TakeBallot(line, happened, isNew: true);
                    break;
                case TraceKind.Accepted:
                    TakeBallot(line, happened, isNew: false);
                    Accept(line, happened);
                    break;
                case TraceKind.Granted:
                    Grant(line, happened.Epoch, happened.Member.Node);
                    break;
                // Of real processes nobody knows what they accept.
                case TraceKind.View when trace.HasVotes:
                    Install(line, happened, trace.Forced.Contains(happened.Epoch));
                    break;
            }
        }
    }

    private void TakeBallot(int line, in TraceEvent happened, bool isNew)
    {
        var bound = _bounds.GetValueOrDefault(happened.Member.Node);
        // What is read back was said before.
        if (!happened.IsReplay && (happened.Ballot < bound || (isNew && happened.Ballot == bound)))
            Fail(line, $"{happened.Member} {(isNew ? "promises" : "accepts")} ballot {happened.Ballot} after ballot {bound}");
        if (happened.Ballot > bound)
            _bounds[happened.Member.Node] = happened.Ballot;
    }

    private void Accept(int line, in TraceEvent happened)
    {
        var ballot = happened.Ballot;
        if (!_votes.TryGetValue(ballot, out var vote))
            _votes[ballot] = vote = new Vote(happened.View!, happened.Hash);
        if (vote.Hash != happened.Hash)
            Fail(line, $"{happened.Member} accepts view {happened.Hash:x} in ballot {ballot}, others view {vote.Hash:x}");
        else if (vote.Nodes.Add(happened.Member.Node))
            Decide(line, ballot, vote);
    }

    // A witness, or a fence, tips exactly half, for this proposer.
    private void Grant(int line, ulong epoch, NodeId proposer)
    {
        _granted.Add((epoch, proposer));
        foreach (var (ballot, vote) in _votes)
        {
            if (ballot.Epoch == epoch && ballot.Proposer == proposer)
                Decide(line, ballot, vote);
        }
    }

    private void Decide(int line, Ballot ballot, Vote vote)
    {
        if (!IsEnough(ballot, vote) || _decided.TryAdd(ballot.Epoch, (vote.View, vote.Hash)))
            return;
        if (_decided[ballot.Epoch].Hash is var other && other != vote.Hash)
            Fail(line, $"ballot {ballot} decides view {vote.Hash:x}, but epoch {ballot.Epoch} was decided to be view {other:x}");
    }

    private bool IsEnough(Ballot ballot, Vote vote)
    {
        if (ballot.Epoch == 1)
            return vote.View.Members.All(member => vote.Nodes.Contains(member.Id.Node));
        if (!_decided.TryGetValue(ballot.Epoch - 1, out var before))
            return false;
        var isHalfEnough = _granted.Contains((ballot.Epoch, ballot.Proposer));
        return (2 * vote.WeightIn(before.View)) + (isHalfEnough ? 1 : 0) > before.View.TotalWeight && 2 * vote.WeightIn(vote.View) > vote.View.TotalWeight;
    }

    private void Install(int line, in TraceEvent happened, bool isForced)
    {
        var epoch = happened.Epoch;
        if (isForced)
            _decided[epoch] = (happened.View!, happened.Hash);
        if (!_decided.TryGetValue(epoch, out var decided))
            Fail(line, $"epoch {epoch} ({happened.View!.Members.Length} members) was installed before any ballot decided it: {Describe(epoch)}");
        else if (decided.Hash != happened.Hash)
            Fail(line, $"epoch {epoch} was decided to be view {decided.Hash:x}, and view {happened.Hash:x} is installed");
    }

    private string Describe(ulong epoch)
    {
        var before = _decided.TryGetValue(epoch - 1, out var decided) ? decided.View : null;
        var votes = _votes.Where(vote => vote.Key.Epoch == epoch).Select(vote =>
            $"{vote.Key} for {vote.Value.Hash:x} has {(before is null ? "?" : $"{vote.Value.WeightIn(before)} of {before.TotalWeight}")} before, {vote.Value.WeightIn(vote.Value.View)} of {vote.Value.View.TotalWeight} in it");
        return string.Join("; ", votes.DefaultIfEmpty("there is none"));
    }

    /// <summary>What a ballot proposes, and who accepted it.</summary>
    private sealed record Vote(ClusterView View, ulong Hash)
    {
        public HashSet<NodeId> Nodes { get; } = [];

        public int WeightIn(ClusterView view) => view.Members.Sum(member => member.Role == MemberRole.Voter && Nodes.Contains(member.Id.Node) ? member.Weight : 0);
    }
}
