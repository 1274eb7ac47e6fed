namespace Flotilla.Groups.Core.Log;

/// <summary>Which nodes said lately, with a heartbeat, that they are members of a view and have the state; for nodes that are none.</summary>
internal sealed class LiveMembers(NodeContext context)
{
    private const int MaxNodes = 1024;

    private readonly Dictionary<NodeId, long> _seen = [];
    private long _lastNs = long.MinValue / 2;

    /// <summary>Somebody lives in a view.</summary>
    public bool AreThere => context.NowNs - _lastNs < context.Options.SuspectNs;

    public bool Includes(NodeId node) => _seen.TryGetValue(node, out var at) && context.NowNs - at < context.Options.SuspectNs;

    public void Add(NodeId node)
    {
        if (_seen.Count >= MaxNodes)
            _seen.Clear();
        _seen[node] = _lastNs = context.NowNs;
    }
}
