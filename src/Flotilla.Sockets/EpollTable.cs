using System.Runtime.InteropServices;

namespace Flotilla.Sockets;

/// <summary>
/// Who owns the descriptors that epoll reports. A key is a slot and how often the slot was used, so that an event for a descriptor that is
/// already closed finds nobody, even when the slot has a new owner.
/// </summary>
internal sealed class EpollTable
{
    private readonly List<Slot> _slots = [new Slot()];
    private readonly Stack<int> _free = [];

    private struct Slot
    {
        public object? Owner;
        public uint Uses;
    }

    public IEnumerable<object> Owners => _slots.Select(slot => slot.Owner).OfType<object>().ToArray();

    public ulong Add(object owner)
    {
        if (!_free.TryPop(out var index))
        {
            index = _slots.Count;
            _slots.Add(default);
        }

        ref var slot = ref CollectionsMarshal.AsSpan(_slots)[index];
        slot.Owner = owner;
        slot.Uses = (slot.Uses + 1) & int.MaxValue;
        return ((ulong)slot.Uses << 32) | (uint)index;
    }

    public object? Find(ulong key)
    {
        ref var slot = ref CollectionsMarshal.AsSpan(_slots)[(int)(uint)key];
        return slot.Uses == key >> 32 ? slot.Owner : null;
    }

    public void Remove(ulong key)
    {
        var index = (int)(uint)key;
        ref var slot = ref CollectionsMarshal.AsSpan(_slots)[index];
        if (slot.Uses != key >> 32 || slot.Owner is null)
            return;
        slot.Owner = null;
        _free.Push(index);
    }
}
