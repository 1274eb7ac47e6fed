using System.Runtime.InteropServices;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Stores;

/// <summary>
/// Which jobs live, and where: a sorted list in chunks, 16 bytes per job. Ids mostly come in order and go in nearly that order, so
/// both ends are cheap. Offsets are kept only until <see cref="ForgetOffsets"/>: nothing needs them once the jobs were reported.
/// </summary>
internal sealed class LiveTable
{
    private readonly List<Chunk> _chunks = [];
    private bool _keepsOffsets = true;

    public int Count { get; private set; }

    public bool TryGet(ulong id, out RecordPlace place)
    {
        var chunk = ChunkOf(id);
        if (chunk >= 0 && _chunks[chunk].Find(id) is >= 0 and var at)
        {
            place = _chunks[chunk].Place(at);
            return true;
        }

        place = default;
        return false;
    }

    /// <summary>Adds the id, or moves it to another place.</summary>
    public void Set(ulong id, in RecordPlace place)
    {
        var index = ChunkOf(id);
        if (index < 0)
            _chunks.Insert(index = 0, new Chunk(_keepsOffsets));
        var at = _chunks[index].Find(id);
        if (at >= 0)
        {
            _chunks[index].Replace(at, place);
            return;
        }

        if (_chunks[index].IsFull)
            index = MakeRoom(index, ref at);
        _chunks[index].Insert(~at, id, place);
        Count++;
    }

    public bool Remove(ulong id, out RecordPlace place)
    {
        place = default;
        var index = ChunkOf(id);
        if (index < 0 || _chunks[index].Find(id) is not (>= 0 and var at))
            return false;
        var chunk = _chunks[index];
        place = chunk.Place(at);
        chunk.RemoveAt(at);
        Count--;
        if (chunk.Count == 0)
            _chunks.RemoveAt(index);
        else if (chunk.Count < Chunk.Capacity / 4 && index + 1 < _chunks.Count && chunk.TryTake(_chunks[index + 1]))
            _chunks.RemoveAt(index + 1);
        return true;
    }

    public void ForgetOffsets()
    {
        _keepsOffsets = false;
        foreach (var chunk in _chunks)
            chunk.ForgetOffsets();
    }

    /// <summary>In the order of ids; the table must not change meanwhile.</summary>
    public IEnumerable<(ulong Id, RecordPlace Place)> InOrder()
    {
        foreach (var chunk in _chunks)
        {
            for (var i = 0; i < chunk.Count; i++)
                yield return (chunk.IdAt(i), chunk.Place(i));
        }
    }

    /// <summary>The chunk whose range holds the id, or would: the last one that begins at or before it; -1 when none does.</summary>
    private int ChunkOf(ulong id)
    {
        var chunks = CollectionsMarshal.AsSpan(_chunks);
        if (chunks.IsEmpty || id < chunks[0].IdAt(0))
            return chunks.IsEmpty || chunks[0].IsFull ? -1 : 0;
        if (id >= chunks[^1].IdAt(0))
            return chunks.Length - 1;
        var (low, high) = (0, chunks.Length - 1);
        while (high - low > 1)
        {
            var middle = (low + high) >>> 1;
            if (chunks[middle].IdAt(0) <= id)
                low = middle;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Behind the last id a new chunk begins, elsewhere the full one is halved. <paramref name="at"/> is adjusted.</summary>
    private int MakeRoom(int index, ref int at)
    {
        var chunk = _chunks[index];
        var fresh = new Chunk(_keepsOffsets);
        _chunks.Insert(index + 1, fresh);
        if (~at == Chunk.Capacity)
        {
            at = ~0;
            return index + 1;
        }

        chunk.MoveUpperHalfTo(fresh);
        if (~at <= chunk.Count)
            return index;
        at = ~(~at - chunk.Count);
        return index + 1;
    }

    private struct Entry
    {
        public ulong Id;
        public uint Segment;
        public int SizeBytes;
    }

    private sealed class Chunk(bool keepsOffsets)
    {
        public const int Capacity = 512;

        private readonly Entry[] _entries = new Entry[Capacity];
        private uint[]? _offsets = keepsOffsets ? new uint[Capacity] : null;
        private int _start;

        public int Count { get; private set; }

        public bool IsFull => Count == Capacity;

        public ulong IdAt(int at) => _entries[_start + at].Id;

        public RecordPlace Place(int at)
        {
            ref var entry = ref _entries[_start + at];
            return new RecordPlace(entry.Segment, _offsets?[_start + at] ?? 0, entry.SizeBytes);
        }

        /// <summary>Its position, or the complement of where it belongs.</summary>
        public int Find(ulong id)
        {
            var (low, high) = (0, Count - 1);
            if (Count > 0 && id > IdAt(high))
                return ~Count;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                var found = IdAt(middle);
                if (found == id)
                    return middle;
                if (found < id)
                    low = middle + 1;
                else
                    high = middle - 1;
            }

            return ~low;
        }

        public void Replace(int at, in RecordPlace place) => Put(_start + at, IdAt(at), place);

        public void Insert(int at, ulong id, in RecordPlace place)
        {
            Invariant.Require(!IsFull);
            if (_start + Count == Capacity)
                Shift(0);
            Move(_start + at, _start + at + 1, Count - at);
            Put(_start + at, id, place);
            Count++;
        }

        public void RemoveAt(int at)
        {
            if (at == 0)
                _start++;
            else
                Move(_start + at + 1, _start + at, Count - at - 1);
            Count--;
        }

        public void MoveUpperHalfTo(Chunk empty)
        {
            var kept = Count / 2;
            Array.Copy(_entries, _start + kept, empty._entries, 0, Count - kept);
            if (_offsets is not null && empty._offsets is not null)
                Array.Copy(_offsets, _start + kept, empty._offsets, 0, Count - kept);
            empty.Count = Count - kept;
            Count = kept;
        }

        /// <summary>Takes all of the next chunk, unless the two would soon have to be parted again.</summary>
        public bool TryTake(Chunk next)
        {
            if (Count + next.Count > Capacity * 3 / 4)
                return false;
            Shift(0);
            Array.Copy(next._entries, next._start, _entries, Count, next.Count);
            if (_offsets is not null && next._offsets is not null)
                Array.Copy(next._offsets, next._start, _offsets, Count, next.Count);
            Count += next.Count;
            return true;
        }

        public void ForgetOffsets() => _offsets = null;

        private void Shift(int start)
        {
            Move(_start, start, Count);
            _start = start;
        }

        private void Move(int from, int to, int count)
        {
            Array.Copy(_entries, from, _entries, to, count);
            if (_offsets is not null)
                Array.Copy(_offsets, from, _offsets, to, count);
        }

        private void Put(int index, ulong id, in RecordPlace place)
        {
            _entries[index] = new Entry { Id = id, Segment = place.Segment, SizeBytes = place.SizeBytes };
            if (_offsets is not null)
                _offsets[index] = place.Offset;
        }
    }
}
