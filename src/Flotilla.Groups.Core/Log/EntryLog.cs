using System.Buffers;
using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>The entries a node keeps in memory: one unbroken run after <see cref="BaseSequence"/>, encoded, in pooled segments.</summary>
internal sealed class EntryLog
{
    private const int SegmentBytes = 256 << 10;

    private Slot[] _ring = new Slot[256];
    private int _first;
    private int _count;
    private byte[]? _tail;
    private int _tailUsed;

    private struct Slot
    {
        public byte[] Segment;
        public int Offset;
        public int Length;

        /// <summary>Bytes of all entries ever appended before this one.</summary>
        public long Position;
    }

    /// <summary>The last entry that is not kept any more, or the point where this log begins.</summary>
    public ulong BaseSequence { get; private set; }

    public ulong BaseEpoch { get; private set; }

    public ulong Head => BaseSequence + (ulong)_count;

    public ulong HeadEpoch => _count == 0 ? BaseEpoch : EntryCodec.Epoch(Span(ref At(_count - 1)));

    /// <summary>Bytes kept.</summary>
    public long Bytes => _count == 0 ? 0 : EndPosition - At(0).Position;

    /// <summary>Bytes of all entries that ever came in.</summary>
    public long AppendedBytes { get; private set; }

    private long EndPosition
    {
        get
        {
            if (_count == 0)
                return 0;
            ref var last = ref At(_count - 1);
            return last.Position + last.Length;
        }
    }

    public bool Has(ulong sequence) => sequence > BaseSequence && sequence <= Head;

    public ReadOnlySpan<byte> Entry(ulong sequence)
    {
        Invariant.Require(Has(sequence));
        return Span(ref At((int)(sequence - BaseSequence - 1)));
    }

    public ulong EpochAt(ulong sequence) => sequence == BaseSequence ? BaseEpoch : EntryCodec.Epoch(Entry(sequence));

    /// <summary>The greatest sequence, base included, whose epoch is not above one.</summary>
    public ulong LastOfEpoch(ulong epoch)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (EntryCodec.Epoch(Span(ref At(middle))) <= epoch)
                low = middle + 1;
            else
                high = middle;
        }

        return BaseSequence + (ulong)low;
    }

    public long BytesBetween(ulong after, ulong to)
    {
        after = Math.Max(after, BaseSequence);
        return to <= after ? 0 : PositionAfter(to) - PositionAfter(after);
    }

    /// <summary>Entries from one sequence on that lie together, at most to another and, after the first, within some bytes.</summary>
    public ReadOnlySpan<byte> Run(ulong from, ulong to, int maxBytes, out ulong last)
    {
        Invariant.Require(Has(from) && to <= Head);
        ref var slot = ref At((int)(from - BaseSequence - 1));
        var (segment, start, end) = (slot.Segment, slot.Offset, slot.Offset + slot.Length);
        for (last = from; last < to; last++)
        {
            ref var next = ref At((int)(last - BaseSequence));
            if (!ReferenceEquals(next.Segment, segment) || next.Offset != end || end + next.Length - start > maxBytes)
                break;
            end += next.Length;
        }

        return segment.AsSpan(start, end - start);
    }

    /// <summary>Adds a new entry; its body is written by its parts.</summary>
    public void Append(in EntryHeader header, ReadOnlySpan<byte> body)
    {
        Invariant.Require(header.Sequence == Head + 1 && header.Epoch >= HeadEpoch);
        var room = Room(header.TotalBytes);
        EntryCodec.WriteHeader(room, header);
        body.CopyTo(room[EntryCodec.HeaderSizeBytes..]);
    }

    /// <summary>Adds an entry that is encoded already.</summary>
    public void Append(ReadOnlySpan<byte> entry)
    {
        var header = EntryCodec.Header(entry);
        Invariant.Require(header.Sequence == Head + 1 && header.Epoch >= HeadEpoch);
        entry.CopyTo(Room(entry.Length));
    }

    /// <summary>Forgets entries to a sequence.</summary>
    public void PruneTo(ulong sequence)
    {
        while (_count > 0 && BaseSequence < sequence)
        {
            ref var slot = ref At(0);
            (BaseEpoch, BaseSequence) = (EntryCodec.Epoch(Span(ref slot)), BaseSequence + 1);
            var segment = slot.Segment;
            slot = default;
            _first = (_first + 1) & (_ring.Length - 1);
            _count--;
            if ((_count == 0 || !ReferenceEquals(At(0).Segment, segment)) && !ReferenceEquals(segment, _tail))
                ArrayPool<byte>.Shared.Return(segment);
        }
    }

    /// <summary>Drops entries after a sequence.</summary>
    public void TruncateTo(ulong sequence)
    {
        Invariant.Require(sequence >= BaseSequence);
        while (Head > sequence)
        {
            ref var slot = ref At(_count - 1);
            var segment = slot.Segment;
            slot = default;
            _count--;
            if (_count > 0 && ReferenceEquals(At(_count - 1).Segment, segment))
                continue;
            if (!ReferenceEquals(segment, _tail))
                ArrayPool<byte>.Shared.Return(segment);
        }

        // What is left of the last segment is not written again: spans of a step may still be looked at.
    }

    /// <summary>Read back without what was before it: the epoch of that is known otherwise.</summary>
    public void KnowBase(ulong epoch) => BaseEpoch = epoch;

    /// <summary>Begins anew after a point.</summary>
    public void Reset(ulong sequence, ulong epoch)
    {
        TruncateTo(BaseSequence);
        (BaseSequence, BaseEpoch) = (sequence, epoch);
    }

    private long PositionAfter(ulong sequence)
    {
        if (sequence < Head)
            return At((int)(sequence - BaseSequence)).Position;
        return EndPosition;
    }

    private Span<byte> Room(int bytes)
    {
        var position = EndPosition;
        if (_tail is null || _tail.Length - _tailUsed < bytes)
        {
            if (_tail is not null && (_count == 0 || !ReferenceEquals(At(_count - 1).Segment, _tail)))
                ArrayPool<byte>.Shared.Return(_tail);
            _tail = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, SegmentBytes));
            _tailUsed = 0;
        }

        if (_count == _ring.Length)
            Grow();
        _count++;
        At(_count - 1) = new Slot { Segment = _tail, Offset = _tailUsed, Length = bytes, Position = position };
        AppendedBytes += bytes;
        var room = _tail.AsSpan(_tailUsed, bytes);
        _tailUsed += bytes;
        return room;
    }

    private void Grow()
    {
        var larger = new Slot[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
            larger[i] = At(i);
        (_ring, _first) = (larger, 0);
    }

    private ref Slot At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    private static ReadOnlySpan<byte> Span(ref Slot slot) => slot.Segment.AsSpan(slot.Offset, slot.Length);
}
