using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>Counts weights of a view's voters.</summary>
internal static class Votes
{
    /// <summary>What a member counts for; 0 for learners.</summary>
    public static int WeightOf(ClusterMember member)
        => member.Role != MemberRole.Voter ? 0 : Planted.Is(PlantedBug.IgnoreWeights) ? 1 : member.Weight;

    public static int Total(ClusterView view)
    {
        var total = 0;
        foreach (var member in view.Members)
            total += WeightOf(member);
        return total;
    }

    /// <summary>The greatest number that a weighted majority of voters has reached; numbers are by rank.</summary>
    public static ulong Majority(ClusterView view, ReadOnlySpan<ulong> reached)
    {
        Invariant.Require(reached.Length == view.Members.Length);
        var total = Total(view);
        var best = 0UL;
        for (var rank = 0; rank < reached.Length; rank++)
        {
            if (view.Members[rank].Role != MemberRole.Voter || reached[rank] <= best)
                continue;
            var weight = 0;
            for (var other = 0; other < reached.Length; other++)
                weight += reached[other] >= reached[rank] ? WeightOf(view.Members[other]) : 0;
            if (2 * weight > total)
                best = reached[rank];
        }

        return best;
    }
}
