namespace Flotilla.Groups.Core.Log;

/// <summary>When something was last sent to whom: so that it is not sent for every frame that asks for it. Look-up only.</summary>
internal sealed class SentLately
{
    private const int MaxNodes = 4096;

    private readonly Dictionary<NodeId, long> _at = [];

    public bool IsDue(NodeId node, long nowNs, long everyNs)
    {
        if (_at.TryGetValue(node, out var at) && nowNs - at < everyNs)
            return false;
        if (_at.Count >= MaxNodes)
            _at.Clear();
        _at[node] = nowNs;
        return true;
    }
}
