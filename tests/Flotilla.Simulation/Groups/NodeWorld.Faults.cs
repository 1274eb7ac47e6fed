using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>What goes wrong with hosts and links.</summary>
public abstract partial class NodeWorld
{
    private protected bool EndFor(SimNode node, string how, long durationNs)
    {
        if (!node.IsRunning)
            return false;
        if (how != "power")
            CloseAll(node, PeerLoss.ProcessGone);
        else
            Silence(node);
        node.End(how);
        Queue.After(durationNs, new WorldEvent(WorldEventKind.Start, node.Index));
        return true;
    }

    // Nobody is told that a machine lost its power; its peers' connections end when they were silent too long.
    private protected void Silence(SimNode node)
    {
        for (var other = 0; other < Nodes.Length; other++)
        {
            if (node.Peer(other).Connection is var connection and not 0)
                Queue.After(Parameters.PathTimeoutNs, new WorldEvent(WorldEventKind.Down, other, node.Index, connection, PeerLoss.Broken));
        }
    }

    private protected bool CutFor(long durationNs, Func<int, int, bool> isCut)
    {
        var cuts = new List<(int From, int To)>();
        for (var from = 0; from < Nodes.Length; from++)
        {
            for (var to = 0; to < Nodes.Length; to++)
            {
                if (from != to && isCut(from, to))
                    cuts.Add((from, to));
            }
        }

        foreach (var (from, to) in cuts)
            CutPath(from, to);
        MendLater(durationNs, () =>
        {
            foreach (var (from, to) in cuts)
            {
                if (Network.Link(from, to).IsCut)
                    Network.Mend(from, to);
            }
        });
        return cuts.Count > 0;
    }

    // No more than what the newest view can lose for ever.
    private protected bool MayWipe(SimNode node)
    {
        if (Newest is not { } view || !node.IsRunning || Queue.NowNs - LastChangeNs < 2_000_000_000 || IsChanging(view))
            return false;
        var intact = view.Members.Sum(member => member.Role == MemberRole.Voter && Array.Exists(Nodes, one => one != node && one.IsRunning && !one.IsAmnesiac && one.Self.Node == member.Id.Node) ? member.Weight : 0);
        return 2 * intact > view.TotalWeight;
    }

    // With a voter's disk lost, a majority needs the others, and so many of them must know what they acknowledged, or so many have forgotten it, as
    // HoldMajority of the core says. Else only a person can go on, by force.
    private protected bool MayLosePower(Func<SimNode, bool> who)
    {
        var (whole, forgetful) = (0, 0);
        foreach (var member in Newest?.Members ?? [])
        {
            if (member.Role != MemberRole.Voter || Array.Find(Nodes, one => one.LastNode == member.Id.Node) is not { } node)
                continue;
            if (node.IsAmnesiac || (node.IsRunning && who(node)))
                forgetful += member.Weight;
            else
                whole += member.Weight;
        }

        var total = Newest?.TotalWeight ?? 0;
        return whole + forgetful == total || (2 * (whole + forgetful) > total && (2 * whole >= total || 2 * forgetful > total));
    }

    // A view is accepted somewhere, or promised to a proposer that counts on who promised: with that one gone too much may be.
    private protected bool IsChanging(ClusterView view) => Array.Exists(Nodes, node => Math.Max(node.AcceptedEpoch, node.PromisedEpoch) > view.Epoch);
}
