using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// What is going to happen in a world of nodes, by nanoseconds. Things due at the same instant happen in an order drawn from the seed.
/// Made for millions of entries: structs in a heap, no delegates.
/// </summary>
public sealed class EventQueue(SeededRandom random)
{
    private Entry[] _heap = new Entry[256];
    private uint _number;

    public int Count { get; private set; }

    public long NowNs { get; private set; }

    public long NextNs => Count == 0 ? long.MaxValue : _heap[0].AtNs;

    public void At(long atNs, WorldEvent due)
    {
        if (Count == _heap.Length)
            Array.Resize(ref _heap, 2 * Count);
        var entry = new Entry { AtNs = Math.Max(atNs, NowNs), Tie = (random.NextUInt64() & 0xFFFF_FFFF_0000_0000) | _number++, Due = due };
        var at = Count++;
        while (at > 0 && entry.IsBefore(_heap[(at - 1) >> 2]))
        {
            _heap[at] = _heap[(at - 1) >> 2];
            at = (at - 1) >> 2;
        }

        _heap[at] = entry;
    }

    public void After(long ns, WorldEvent due) => At(NowNs + ns, due);

    /// <summary>Takes the next thing and moves the time to it.</summary>
    public WorldEvent Take()
    {
        Invariant.Require(Count > 0);
        var first = _heap[0];
        NowNs = first.AtNs;
        var last = _heap[--Count];
        _heap[Count] = default;
        if (Count > 0)
            SiftDown(last);
        return first.Due;
    }

    private void SiftDown(in Entry entry)
    {
        var at = 0;
        while (true)
        {
            var child = (at << 2) + 1;
            if (child >= Count)
                break;
            var end = Math.Min(child + 4, Count);
            var least = child;
            for (var other = child + 1; other < end; other++)
            {
                if (_heap[other].IsBefore(_heap[least]))
                    least = other;
            }

            if (!_heap[least].IsBefore(entry))
                break;
            _heap[at] = _heap[least];
            at = least;
        }

        _heap[at] = entry;
    }

    private readonly struct Entry
    {
        public long AtNs { get; init; }

        public ulong Tie { get; init; }

        public WorldEvent Due { get; init; }

        public bool IsBefore(in Entry other) => AtNs != other.AtNs ? AtNs < other.AtNs : Tie < other.Tie;
    }
}
