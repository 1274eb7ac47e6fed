namespace Flotilla.Simulation.Exhaustive;

/// <summary>
/// Finds a node whose next steps are a persistent set: whatever the other nodes do before, they neither prevent nor change these steps, nor give the node others
/// to choose from. Frames of one connection keep their order, so what is behind the first one of a connection changes nothing; only a frame on an empty connection would.
/// </summary>
internal sealed class Independence(ExploredCluster cluster)
{
    private readonly bool[] _moves = new bool[ExploredCluster.Nodes];
    private int _links;

    /// <summary>The node with the fewest such steps; -1 when there is none.</summary>
    public int Find(int[] state, Budget budget)
    {
        if (budget.Crashes > 0 || budget.Drops > 0)
            return -1;
        _links = 0;
        for (var i = ClusterState.Header; i < state.Length; i++)
            _links |= 1 << ClusterState.LinkOf(state[i]);
        for (var node = 0; node < ExploredCluster.Nodes; node++)
            _moves[node] = Steps(state, node, budget) > 0;
        var (best, fewest) = (-1, int.MaxValue);
        for (var node = 0; node < ExploredCluster.Nodes; node++)
        {
            if (!_moves[node] || !IsClosed(node, budget) || Steps(state, node, budget) is var steps && steps >= fewest)
                continue;
            (best, fewest) = (node, steps);
        }

        return best;
    }

    private int Steps(int[] state, int node, Budget budget)
    {
        if (!cluster[state[node]].IsRunning)
            return 0;
        var steps = cluster[state[node]].Unwritten > 0 ? 1 : 0;
        for (var peer = 0; peer < ExploredCluster.Nodes; peer++)
        {
            steps += HasFrames(peer, node) ? 1 : 0;
            steps += budget.IsUp(node, peer) && !budget.IsUp(peer, node) ? 1 : 0;
        }

        return steps;
    }

    private bool IsClosed(int node, Budget budget)
    {
        for (var peer = 0; peer < ExploredCluster.Nodes; peer++)
        {
            if (peer == node || HasFrames(peer, node) || !AreLinked(peer, node, budget))
                continue;
            var third = ExploredCluster.Nodes - node - peer;
            if (_moves[peer] || (_moves[third] && AreLinked(third, peer, budget)))
                return false;
        }

        return true;
    }

    private bool HasFrames(int from, int to) => (_links & (1 << ClusterState.Link(from, to))) != 0;

    private static bool AreLinked(int one, int other, Budget budget) => budget.IsUp(one, other) && budget.IsUp(other, one);
}
