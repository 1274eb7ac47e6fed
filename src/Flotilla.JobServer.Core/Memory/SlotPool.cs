using System.Runtime.CompilerServices;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// Records addressed by a small number, in chunks: growth never copies, and a chunk without a live record is given back, all but one
/// (so that a load that swings around a chunk's edge allocates nothing).
/// </summary>
internal sealed class SlotPool<T>
    where T : struct, ISlot
{
    public const int None = -1;
    private readonly int _shift;
    private readonly int _mask;
    private T[]?[] _chunks = [];
    private Chunk[] _states = [];
    private int _chunkCount;
    private int _roomHead = None;
    private int _roomTail = None;
    private int _vacantHead = None;
    private int _emptyChunks;

    /// <summary>An empty pool.</summary>
    /// <param name="chunkShift">A chunk holds two to this power records.</param>
    public SlotPool(int chunkShift)
    {
        _shift = chunkShift;
        _mask = (1 << chunkShift) - 1;
    }

    private struct Chunk
    {
        public int FreeHead;
        public int Fresh;
        public int Used;
        public int Next;
        public int Previous;
    }

    public int Count { get; private set; }

    /// <summary>One more than the largest number in use so far; a walk goes from 0 to here.</summary>
    public int End => _chunkCount << _shift;

    /// <summary>Bytes of chunks that are held, used or not.</summary>
    public long HeldBytes { get; private set; }

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _chunks[index >> _shift]![index & _mask];
    }

    /// <summary>False when this slot and all behind it in its chunk were never used; a walk then goes on at <see cref="NextChunk"/>.</summary>
    public bool WasUsed(int index) => _chunks[index >> _shift] is not null && (index & _mask) < _states[index >> _shift].Fresh;

    public int NextChunk(int index) => ((index >> _shift) + 1) << _shift;

    /// <summary>A slot whose content is whatever its last user left: the caller assigns all of it.</summary>
    public int Allocate()
    {
        if (_roomHead == None)
            AddChunk();
        var number = _roomHead;
        ref var chunk = ref _states[number];
        if (chunk.Used++ == 0)
            _emptyChunks--;
        int slot;
        if (chunk.FreeHead != None)
        {
            slot = chunk.FreeHead;
            chunk.FreeHead = _chunks[number]![slot].NextFree;
        }
        else
        {
            slot = chunk.Fresh++;
        }

        if (chunk.Used > _mask)
            Unlink(number);
        Count++;
        return (number << _shift) | slot;
    }

    public void Free(int index)
    {
        var number = index >> _shift;
        var slot = index & _mask;
        ref var chunk = ref _states[number];
        Invariant.Require(chunk.Used > 0);
        if (chunk.Used-- > _mask)
            LinkLast(number);
        _chunks[number]![slot].NextFree = chunk.FreeHead;
        chunk.FreeHead = slot;
        Count--;
        if (chunk.Used == 0 && ++_emptyChunks > 1)
            DropChunk(number);
    }

    private void AddChunk()
    {
        int number;
        if (_vacantHead != None)
        {
            number = _vacantHead;
            _vacantHead = _states[number].Next;
        }
        else
        {
            if (_chunkCount == _chunks.Length)
            {
                Array.Resize(ref _chunks, Math.Max(4, _chunkCount * 2));
                Array.Resize(ref _states, _chunks.Length);
            }

            number = _chunkCount++;
        }

        _chunks[number] = new T[_mask + 1];
        HeldBytes += (long)(_mask + 1) * Unsafe.SizeOf<T>();
        _states[number] = new Chunk { FreeHead = None };
        _emptyChunks++;
        LinkLast(number);
    }

    private void DropChunk(int number)
    {
        Unlink(number);
        _chunks[number] = null;
        HeldBytes -= (long)(_mask + 1) * Unsafe.SizeOf<T>();
        _states[number].Next = _vacantHead;
        _vacantHead = number;
        _emptyChunks--;
    }

    private void LinkLast(int number)
    {
        ref var chunk = ref _states[number];
        chunk.Next = None;
        chunk.Previous = _roomTail;
        if (_roomTail == None)
            _roomHead = number;
        else
            _states[_roomTail].Next = number;
        _roomTail = number;
    }

    private void Unlink(int number)
    {
        ref var chunk = ref _states[number];
        if (chunk.Previous == None)
            _roomHead = chunk.Next;
        else
            _states[chunk.Previous].Next = chunk.Next;
        if (chunk.Next == None)
            _roomTail = chunk.Previous;
        else
            _states[chunk.Next].Previous = chunk.Previous;
    }
}
