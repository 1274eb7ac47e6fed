using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Links;

/// <summary>The other nodes this one knows of, ascending. Slots are small numbers for them; slot 0 is this node.</summary>
internal sealed class LinkTable
{
    private readonly Dictionary<NodeId, LinkPath> _byNode = [];
    private readonly List<LinkPath> _paths = [];
    private readonly List<int> _freeSlots = [];

    public const int SelfSlot = 0;

    public int SlotCount { get; private set; } = 1;

    public int Count => _paths.Count;

    public LinkPath this[int index] => _paths[index];

    public List<LinkPath>.Enumerator GetEnumerator() => _paths.GetEnumerator();

    public LinkPath? Find(NodeId node) => _byNode.GetValueOrDefault(node);

    /// <summary>Null when there are too many.</summary>
    public LinkPath? Track(NodeId node)
    {
        if (_byNode.TryGetValue(node, out var path))
            return path;
        if (_paths.Count >= HeartbeatFrame.MaxReports)
            return null;
        var slot = SlotCount;
        if (_freeSlots.Count > 0)
        {
            slot = _freeSlots[^1];
            _freeSlots.RemoveAt(_freeSlots.Count - 1);
        }
        else
        {
            SlotCount++;
        }

        path = new LinkPath(node, slot);
        _byNode.Add(node, path);
        var at = _paths.Count;
        while (at > 0 && _paths[at - 1].Node > node)
            at--;
        _paths.Insert(at, path);
        return path;
    }

    /// <summary>Drops nodes outside the view that nobody heard for long.</summary>
    public void Forget(long nowNs, long afterNs)
    {
        for (var i = _paths.Count - 1; i >= 0; i--)
        {
            var path = _paths[i];
            if (path.Rank >= 0 || path.IsConnected || nowNs - Math.Max(path.FreshNs, path.HeardNs) < afterNs)
                continue;
            _paths.RemoveAt(i);
            _byNode.Remove(path.Node);
            _freeSlots.Add(path.Slot);
            foreach (var other in _paths)
                other.ForgetSlot(path.Slot);
        }
    }
}
