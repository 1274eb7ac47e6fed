using System.Collections.Immutable;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>Computes a view from the one before, a plan and the promises.</summary>
internal static class NextView
{
    /// <summary>Null when nobody in it could vote.</summary>
    public static DecidedView? Build(LogState state, ChangePlan plan, IReadOnlyList<PromiseFrame> promises, ulong cut)
    {
        var before = state.Current!.View;
        var stay = ImmutableArray.CreateBuilder<ClusterMember>();
        foreach (var member in before.Members)
        {
            var promise = Find(promises, member.Id.Node);
            if (plan.IsRecovery ? promise is not null && !promise.Is(PromiseFlags.IsMember) : IsStaying(plan, promise, member))
                stay.Add(plan.IsRecovery ? promise!.Card.AsMember(MemberRole.Learner) : member);
            else if (Planted.Is(PlantedBug.KeepSilentMembers) && promise is null && !plan.IsRecovery)
                stay.Add(member);
        }

        var joining = plan.Join.Where(card => stay.All(member => member.Id.Node != card.Id.Node)).Select(card => card.AsMember(MemberRole.Learner));
        var members = WithRoles([.. stay, .. joining], state, plan, promises);
        var past = Past(before, members);
        if (!members.Any(member => member.Role == MemberRole.Voter))
            return null;
        var view = new ClusterView
        {
            Cluster = before.Cluster, Epoch = before.Epoch + 1, Members = members, Sequencer = SequencerOf(members, before, state),
            StartSequence = cut + 1, Past = past, IsRecovery = plan.IsRecovery,
        };
        return new DecidedView(view, plan.IsRecovery ? [.. members.Select(_ => 0UL)] : state.Numbers.For(members));
    }

    public static DecidedView First(ClusterId cluster, NodeId proposer, ImmutableArray<NodeCard> founders, int maxVoters)
    {
        var candidates = founders.Where(card => !card.NeverVotes).ToList();
        var voters = VoterCount(candidates.Count, maxVoters);
        var chosen = candidates.OrderBy(card => card.Id.Node != proposer).Take(voters).Select(card => card.Id.Node).ToHashSet();
        ImmutableArray<ClusterMember> members = [.. founders.Select(card => card.AsMember(chosen.Contains(card.Id.Node) ? MemberRole.Voter : MemberRole.Learner))];
        var view = new ClusterView { Cluster = cluster, Epoch = 1, Members = members, Sequencer = proposer, StartSequence = 1 };
        return new DecidedView(view, [.. members.Select(_ => 0UL)]);
    }

    /// <summary>An odd number when there are more than two to choose from.</summary>
    public static int VoterCount(int candidates, int maxVoters)
    {
        var count = Math.Min(candidates, maxVoters);
        return count > 2 && count % 2 == 0 ? count - 1 : count;
    }

    /// <summary>Voters stay voters, oldest first; then learners that have what a voter needs.</summary>
    public static ImmutableArray<NodeId> ChooseVoters(IEnumerable<ClusterMember> members, Func<ClusterMember, bool> canVote, int maxVoters)
    {
        var candidates = members.Where(member => !member.NeverVotes && canVote(member)).ToList();
        return [.. candidates.OrderBy(member => member.Role != MemberRole.Voter).Take(VoterCount(candidates.Count, maxVoters)).Select(member => member.Id.Node)];
    }

    private static bool IsStaying(ChangePlan plan, PromiseFrame? promise, ClusterMember member)
        => promise is not null && promise.Card.Id == member.Id && promise.Is(PromiseFlags.IsMember) && !promise.Is(PromiseFlags.Farewell)
            && !plan.Go.Contains(member.Id);

    private static ImmutableArray<ClusterMember> WithRoles(ImmutableArray<ClusterMember> members, LogState state, ChangePlan plan, IReadOnlyList<PromiseFrame> promises)
    {
        bool CanVote(ClusterMember member)
            => Find(promises, member.Id.Node) is { } promise && promise.Card.Id == member.Id && promise.Is(PromiseFlags.CanVote) && !plan.Demote.Contains(member.Id.Node)
                && (plan.IsRecovery || promise.Is(PromiseFlags.IsMember));

        var voters = ChooseVoters(members, CanVote, state.Context.Options.MaxVoters);
        return [.. members.Select(member => member with { Role = voters.Contains(member.Id.Node) ? MemberRole.Voter : MemberRole.Learner })];
    }

    /// <summary>The old one if it still can, or who proposes, or the oldest.</summary>
    private static NodeId SequencerOf(ImmutableArray<ClusterMember> members, ClusterView before, LogState state)
    {
        var voters = members.Where(member => member.Role == MemberRole.Voter).Select(member => member.Id.Node).ToList();
        return voters.Contains(before.Sequencer) ? before.Sequencer : voters.Contains(state.Self.Node) ? state.Self.Node : voters[0];
    }

    private static ImmutableArray<MemberId> Past(ClusterView before, ImmutableArray<ClusterMember> members)
    {
        var highest = new SortedDictionary<NodeId, uint>();
        foreach (var id in before.Past.Concat(before.Members.Select(member => member.Id)).Concat(members.Select(member => member.Id)))
            highest[id.Node] = Math.Max(id.Incarnation, highest.GetValueOrDefault(id.Node));
        return [.. highest.Select(pair => new MemberId(pair.Key, pair.Value))];
    }

    private static PromiseFrame? Find(IReadOnlyList<PromiseFrame> promises, NodeId node)
    {
        foreach (var promise in promises)
        {
            if (promise.Card.Id.Node == node)
                return promise;
        }

        return null;
    }
}
