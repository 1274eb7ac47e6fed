using System.Buffers;

namespace Flotilla.Primitives;

/// <summary>
/// Bytes on their way out: written at the tail, taken at the head. Holds nothing while empty, copies small writes into pooled
/// chunks and takes large payloads by reference (<see cref="AppendShared"/>). Not thread-safe.
/// </summary>
public sealed class ByteQueue : IBufferWriter<byte>
{
    /// <summary>Large enough for some dozens of small packets, small enough that 10,000 busy connections fit in 40 MB.</summary>
    private const int ChunkSizeBytes = 4096;

    private Chunk[] _chunks = [];
    private int _first;
    private int _count;

    private struct Chunk
    {
        public ReadOnlyMemory<byte> Shared;
        public byte[]? Pooled;
        public int Start;
        public int End;
    }

    /// <summary>Bytes waiting.</summary>
    public long LengthBytes { get; private set; }

    public bool IsEmpty => LengthBytes == 0;

    public Span<byte> GetSpan(int sizeHint = 0) => TailWith(sizeHint).AsSpan(_chunks[_first + _count - 1].End);

    public Memory<byte> GetMemory(int sizeHint = 0) => TailWith(sizeHint).AsMemory(_chunks[_first + _count - 1].End);

    public void Advance(int count)
    {
        Invariant.Require(_count > 0 && count >= 0);
        ref var tail = ref _chunks[_first + _count - 1];
        Invariant.Require(tail.Pooled is not null && tail.End + count <= tail.Pooled.Length);
        tail.End += count;
        LengthBytes += count;
    }

    /// <summary>Copies <paramref name="bytes"/> to the tail.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var span = GetSpan(bytes.Length);
        bytes.CopyTo(span);
        Advance(bytes.Length);
    }

    /// <summary>Puts <paramref name="bytes"/> at the tail without copying; the owner must never change them again.</summary>
    public void AppendShared(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        Push() = new Chunk { Shared = bytes, End = bytes.Length };
        LengthBytes += bytes.Length;
    }

    /// <summary>The bytes at the head that lie together; empty when nothing waits.</summary>
    public ReadOnlySpan<byte> Head
    {
        get
        {
            if (_count == 0)
                return default;
            ref var head = ref _chunks[_first];
            return head.Pooled is { } pooled ? pooled.AsSpan(head.Start, head.End - head.Start) : head.Shared.Span[head.Start..head.End];
        }
    }

    /// <summary>As <see cref="Head"/>, for asynchronous writers.</summary>
    public ReadOnlyMemory<byte> HeadMemory
    {
        get
        {
            if (_count == 0)
                return default;
            ref var head = ref _chunks[_first];
            return head.Pooled is { } pooled ? pooled.AsMemory(head.Start, head.End - head.Start) : head.Shared[head.Start..head.End];
        }
    }

    /// <summary>Number of separate pieces; a gathering write takes them by <see cref="Piece"/>.</summary>
    public int PieceCount => _count;

    public ReadOnlyMemory<byte> Piece(int index)
    {
        Invariant.Require((uint)index < (uint)_count);
        ref var piece = ref _chunks[_first + index];
        return piece.Pooled is { } pooled ? pooled.AsMemory(piece.Start, piece.End - piece.Start) : piece.Shared[piece.Start..piece.End];
    }

    /// <summary>Drops <paramref name="count"/> bytes from the head and gives emptied chunks back.</summary>
    public void Consume(long count)
    {
        Invariant.Require(count >= 0 && count <= LengthBytes);
        LengthBytes -= count;
        while (_count > 0)
        {
            ref var head = ref _chunks[_first];
            var taken = (int)Math.Min(count, head.End - head.Start);
            head.Start += taken;
            count -= taken;
            if (head.Start < head.End)
                return;
            ReleaseHead();
        }
    }

    /// <summary>Moves everything that waits to the tail of another queue, without copying it.</summary>
    public void MoveTo(ByteQueue target)
    {
        for (var i = 0; i < _count; i++)
        {
            target.Push() = _chunks[_first + i];
            _chunks[_first + i] = default;
        }

        target.LengthBytes += LengthBytes;
        LengthBytes = 0;
        _first = 0;
        _count = 0;
        if (_chunks.Length > 8)
            _chunks = [];
    }

    /// <summary>Drops everything.</summary>
    public void Clear() => Consume(LengthBytes);

    /// <summary>Copies everything that waits; for tests and diagnostics.</summary>
    public byte[] ToArray()
    {
        var all = new byte[LengthBytes];
        var at = 0;
        for (var i = 0; i < _count; i++)
        {
            Piece(i).Span.CopyTo(all.AsSpan(at));
            at += Piece(i).Length;
        }

        return all;
    }

    private byte[] TailWith(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 1);
        if (_count > 0)
        {
            ref var tail = ref _chunks[_first + _count - 1];
            if (tail.Pooled is { } pooled && pooled.Length - tail.End >= sizeHint)
                return pooled;
        }

        var fresh = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, ChunkSizeBytes));
        Push() = new Chunk { Pooled = fresh };
        return fresh;
    }

    private ref Chunk Push()
    {
        if (_first + _count == _chunks.Length)
            MakeRoom();
        return ref _chunks[_first + _count++];
    }

    private void MakeRoom()
    {
        var target = _first > 0 && _count <= _chunks.Length / 2 ? _chunks : new Chunk[Math.Max(2, _chunks.Length * 2)];
        Array.Copy(_chunks, _first, target, 0, _count);
        if (ReferenceEquals(target, _chunks))
            Array.Clear(_chunks, _count, _chunks.Length - _count);
        _chunks = target;
        _first = 0;
    }

    private void ReleaseHead()
    {
        if (_chunks[_first].Pooled is { } pooled)
            ArrayPool<byte>.Shared.Return(pooled);
        _chunks[_first] = default;
        _first++;
        _count--;
        if (_count == 0)
        {
            _first = 0;
            if (_chunks.Length > 8)
                _chunks = [];
        }
    }
}
