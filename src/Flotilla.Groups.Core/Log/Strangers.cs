using System.Collections.Immutable;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>Nodes that say that they are in no view: they want in, or wait for others to recover or found with. Forgotten when they fall silent.</summary>
internal sealed class Strangers(LogState state)
{
    private const int MaxStrangers = 1024;

    private readonly SortedList<NodeId, (JoinFrame Frame, long SeenNs, long FirstNs)> _joins = [];
    private readonly SortedList<NodeId, (FoundFrame Frame, long SeenNs)> _founders = [];

    private long FreshNs => 8 * state.Context.Options.HeartbeatNs;

    public IEnumerable<(JoinFrame Frame, long FirstNs)> Joins
    {
        get
        {
            foreach (var (frame, seenNs, firstNs) in _joins.Values)
            {
                if (state.Context.NowNs - seenNs <= FreshNs)
                    yield return (frame, firstNs);
            }
        }
    }

    public IEnumerable<FoundFrame> Founders
    {
        get
        {
            foreach (var (frame, seenNs) in _founders.Values)
            {
                if (state.Context.NowNs - seenNs <= FreshNs)
                    yield return frame;
            }
        }
    }

    public void Add(JoinFrame frame)
    {
        var node = frame.Card.Id.Node;
        var firstNs = state.Context.NowNs;
        if (_joins.TryGetValue(node, out var known))
        {
            if (known.Frame.Card.Id > frame.Card.Id)
                return;
            if (known.Frame.Card.Id == frame.Card.Id && firstNs - known.SeenNs <= FreshNs)
                firstNs = known.FirstNs;
        }
        else if (_joins.Count >= MaxStrangers)
        {
            return;
        }

        _joins[node] = (frame, state.Context.NowNs, firstNs);
        _founders.Remove(node);
    }

    public void Add(FoundFrame frame)
    {
        if (_founders.Count < MaxStrangers || _founders.ContainsKey(frame.Card.Id.Node))
            _founders[frame.Card.Id.Node] = (frame, state.Context.NowNs);
    }

    /// <summary>The newest life of a node that spoke lately; 0 for none.</summary>
    public uint LatestIncarnation(NodeId node)
        => _joins.TryGetValue(node, out var known) && state.Context.NowNs - known.SeenNs <= FreshNs ? known.Frame.Card.Id.Incarnation : 0;

    public void OnInstalled(ClusterView view)
    {
        foreach (var member in view.Members)
        {
            if (_joins.TryGetValue(member.Id.Node, out var known) && known.Frame.Card.Id <= member.Id)
                _joins.Remove(member.Id.Node);
        }

        _founders.Clear();
    }

    /// <summary>This node is of another cluster now: who wants in says so anew.</summary>
    public void Clear()
    {
        _joins.Clear();
        _founders.Clear();
    }

    public ImmutableArray<NodeCard> FreshCards() => [.. Joins.Select(join => join.Frame.Card)];
}
