namespace Flotilla.Groups.Core.Links;

/// <summary>Chooses the way to each node: direct while both ends hear each other, else through a node that both hear.</summary>
internal sealed class Routes(NodeContext context, LinkTable table, LinkTiming timing)
{
    public void Update()
    {
        var nowNs = context.NowNs;
        foreach (var path in table)
        {
            var before = path.Hop;
            path.Relay = path.IsDirect && IsGood(path, nowNs) ? default : BestRelay(path, nowNs);
            path.Judge(IsGood(path, nowNs), nowNs, timing);
            path.Hop = path.IsDirect ? path.Node
                : !path.Relay.IsNone ? path.Relay
                : path.IsConnected ? path.Node
                : default;
            if (path.Hop == before)
                continue;
            var wasCut = path.WasCut;
            path.WasCut = path.Hop != path.Node;
            if (path.Rank >= 0 && (wasCut || path.WasCut))
                context.Report(NodeEventKind.PathChanged, path.Node, text: Describe(path));
        }
    }

    private static string Describe(LinkPath path)
    {
        if (path.Hop.IsNone)
            return $"no way to {path.Node}";
        return path.Hop == path.Node ? $"direct to {path.Node}" : $"to {path.Node} through {path.Relay}";
    }

    private bool IsGood(LinkPath path, long nowNs)
    {
        if (!path.IsConnected)
            return false;
        if (!path.IsProbed || nowNs - path.ConnectedNs < timing.PathNs)
            return true;
        return nowNs - path.DirectNs < timing.PathNs
            && (path.SaidItHears(LinkTable.SelfSlot, nowNs, timing.PathNs) || path.VectorNs < path.ConnectedNs);
    }

    /// <summary>Stays with the relay it has while none is better.</summary>
    private NodeId BestRelay(LinkPath to, long nowNs)
    {
        NodeId best = default;
        var bestScore = 0;
        foreach (var relay in table)
        {
            if (relay == to || !relay.IsConnected || relay.IsOver)
                continue;
            var score = Score(relay, to, nowNs);
            if (score > bestScore || (score == bestScore && score > 0 && relay.Node == to.Relay))
                (best, bestScore) = (relay.Node, score);
        }

        return best;
    }

    /// <summary>0 for no use; the more of the four directions are known to work the better. What goes towards the destination must not be known not to work.</summary>
    private int Score(LinkPath relay, LinkPath to, long nowNs)
    {
        var withinNs = timing.PathNs;
        var isHeard = nowNs - relay.DirectNs < withinNs;
        var hearsUs = relay.SaidItHears(LinkTable.SelfSlot, nowNs, withinNs);
        var hearsIt = relay.SaidItHears(to.Slot, nowNs, withinNs);
        var isHeardByIt = to.SaidItHears(relay.Slot, nowNs, withinNs);
        var mayBeHeardByIt = isHeardByIt || !to.HasSpokenWithin(nowNs, withinNs);
        if (!hearsUs || !mayBeHeardByIt || (!hearsIt && !isHeardByIt))
            return 0;
        return 1 + (isHeard ? 4 : 0) + (hearsIt ? 2 : 0) + (isHeardByIt ? 2 : 0);
    }
}
