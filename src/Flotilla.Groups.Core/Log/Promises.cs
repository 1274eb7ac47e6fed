using System.Collections.Immutable;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>The promises and acceptances of one ballot, and whether they are enough.</summary>
internal sealed class Promises(LogState state)
{
    private readonly List<PromiseFrame> _all = [];
    private readonly List<long> _leasesUntilNs = [];
    private readonly List<NodeId> _accepted = [];

    public IReadOnlyList<PromiseFrame> All => _all;

    /// <summary>When all leases that any of these voters helped to give are over.</summary>
    public long LeasesUntilNs => _leasesUntilNs.Count == 0 ? long.MinValue : _leasesUntilNs.Max();

    public void Clear()
    {
        _all.Clear();
        _leasesUntilNs.Clear();
        _accepted.Clear();
    }

    public void Add(PromiseFrame promise, long leasesUntilNs)
    {
        var at = _all.FindIndex(other => other.Card.Id.Node == promise.Card.Id.Node);
        if (at >= 0)
        {
            _all.RemoveAt(at);
            _leasesUntilNs.RemoveAt(at);
        }

        _all.Add(promise);
        _leasesUntilNs.Add(leasesUntilNs);
    }

    public void AddAccepted(NodeId node)
    {
        if (!_accepted.Contains(node))
            _accepted.Add(node);
    }

    public PromiseFrame? Of(NodeId node) => _all.Find(promise => promise.Card.Id.Node == node);

    /// <summary>
    /// Whether a weighted majority of the old voters promised. Amnesiacs promise like others, but can't vouch for safe messages:
    /// no majority may lie outside of those that can. Unless the amnesiacs are the majority: then only durable messages were promised to survive, and these they have.
    /// </summary>
    public bool HoldMajority(ClusterView old, out bool isTie)
    {
        var (promised, amnesiac) = (0, 0);
        foreach (var promise in _all)
        {
            if (VoterOf(old, promise.Card.Id.Node) is not { } voter)
                continue;
            var weight = Votes.WeightOf(voter);
            promised += weight;
            if (promise.Is(PromiseFlags.Amnesiac) && !Planted.Is(PlantedBug.CountAmnesiac))
                amnesiac += weight;
        }

        var total = Votes.Total(old);
        isTie = 2 * promised == total;
        var isMajority = 2 * promised > total || (isTie && IsHalfThatWon(old, _all.Select(promise => promise.Card.Id.Node)));
        return isMajority && (2 * (promised - amnesiac) >= total || 2 * amnesiac > total);
    }

    /// <summary>Whether majorities of the old and of the new voters accepted.</summary>
    public bool AreAccepted(ClusterView old, ClusterView next)
    {
        var (oldTwice, total) = (2 * AcceptedWeight(old), Votes.Total(old));
        var byOld = oldTwice > total || (oldTwice == total && IsHalfThatWon(old, _accepted));
        return byOld && (2 * AcceptedWeight(next) > Votes.Total(next) || Planted.Is(PlantedBug.InstallWithoutJointMajority));
    }

    /// <summary>For a first view: all of them.</summary>
    public bool AreAllAccepted(ClusterView first) => first.Members.All(member => _accepted.Contains(member.Id.Node));

    /// <summary>The value of the highest ballot that was accepted by any of them.</summary>
    public DecidedView? Found(ulong epoch)
    {
        PromiseFrame? best = null;
        foreach (var promise in _all)
        {
            if (promise.Accepted is { } accepted && accepted.Epoch == epoch && (best is null || promise.AcceptedBallot > best.AcceptedBallot))
                best = promise;
        }

        return Planted.Is(PlantedBug.IgnoreAcceptedValue) ? null : best?.Accepted;
    }

    /// <summary>The greatest last sequence. A node without a part in the old view may have a log of an earlier one, longer and void.</summary>
    public ulong Cut()
    {
        var heads = _all.Where(promise => promise.HeadEpoch == state.Epoch).Select(promise => promise.Head);
        return Planted.Is(PlantedBug.CutIsMinimum) ? heads.Min() : heads.Max();
    }

    /// <summary>Somebody whose log reaches to a cut, and back to where another's ends.</summary>
    public NodeId Holder(ulong cut, ulong head, int attempt)
    {
        var holders = _all.Where(promise => promise.HeadEpoch == state.Epoch && promise.Head >= cut && promise.Card.Id.Node != state.Self.Node)
            .OrderBy(promise => promise.KeptFrom > head + 1).ToImmutableArray();
        return holders.IsEmpty ? default : holders[attempt % holders.Length].Card.Id.Node;
    }

    /// <summary>The vote an old voter's node has: on the disk it had then.</summary>
    private ClusterMember? VoterOf(ClusterView view, NodeId node)
        => view.Find(node) ?? (Planted.Is(PlantedBug.CountWipedVote) ? view.Members.FirstOrDefault(member => member.Address == Of(node)?.Card.Address) : null);

    /// <summary>A witness decides for one half: another half of the same weight may be what it fenced.</summary>
    private bool IsHalfThatWon(ClusterView old, IEnumerable<NodeId> nodes)
        => state.TieWon is { } won && won.Epoch == old.Epoch + 1
            && nodes.All(node => VoterOf(old, node) is not { Role: MemberRole.Voter } || won.Here.Any(id => id.Node == node));

    private int AcceptedWeight(ClusterView view)
    {
        var weight = 0;
        foreach (var node in _accepted)
            weight += VoterOf(view, node) is { } voter ? Votes.WeightOf(voter) : 0;
        return weight;
    }
}
