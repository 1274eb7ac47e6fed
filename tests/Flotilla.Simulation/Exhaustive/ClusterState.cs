namespace Flotilla.Simulation.Exhaustive;

/// <summary>
/// The numbers that a state of the cluster is: of each node's state, the budget, and the frames under way, by who sends to whom; those of one connection in
/// their order.
/// </summary>
internal static class ClusterState
{
    public const int Header = ExploredCluster.Nodes + 1;
    private const int LinkShift = 24;

    public static int Pack(int from, int to, int frame) => (Link(from, to) << LinkShift) | frame;

    public static (int From, int To, int Frame) Unpack(int packed)
        => (LinkOf(packed) / ExploredCluster.Nodes, LinkOf(packed) % ExploredCluster.Nodes, packed & ((1 << LinkShift) - 1));

    public static int Link(int from, int to) => (from * ExploredCluster.Nodes) + to;

    public static int LinkOf(int packed) => packed >> LinkShift;

    public static bool IsHead(int[] state, int at) => at == Header || LinkOf(state[at]) != LinkOf(state[at - 1]);

    /// <summary>Insertion sort by who sends to whom: those of one connection keep their order.</summary>
    public static void SortByLink(List<int> frames)
    {
        for (var i = 1; i < frames.Count; i++)
        {
            for (var j = i; j > 0 && LinkOf(frames[j - 1]) > LinkOf(frames[j]); j--)
                (frames[j - 1], frames[j]) = (frames[j], frames[j - 1]);
        }
    }
}
