using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>Puts names to what a view changes.</summary>
public static class ViewChanges
{
    public static IReadOnlyList<string> All { get; } = ["genesis", "recovery", "join", "leave or eviction", "return", "promotion", "demotion", "another sequencer"];

    public static IEnumerable<string> Between(ClusterView? before, ClusterView view)
    {
        if (before is null)
        {
            yield return "genesis";
            yield break;
        }

        if (view.IsRecovery)
            yield return "recovery";
        if (view.Sequencer != before.Sequencer)
            yield return "another sequencer";
        foreach (var member in view.Members)
        {
            var old = before.Find(member.Id.Node);
            if (old is null)
                yield return "join";
            else if (old.Id != member.Id)
                yield return "return";
            if (member.Role == MemberRole.Voter && old is { Role: MemberRole.Learner })
                yield return "promotion";
            if (member.Role == MemberRole.Learner && old is { Role: MemberRole.Voter } && old.Id == member.Id)
                yield return "demotion";
        }

        if (before.Members.Any(member => view.Find(member.Id.Node) is null))
            yield return "leave or eviction";
    }
}
