using System.Buffers.Binary;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// Small byte blocks in slabs of one block size each: 16-byte steps to 1 KB, quarter octaves above. A block is named by a number,
/// so a million blocks are no work for the garbage collector. An empty slab serves another size or is given back.
/// </summary>
internal sealed class PayloadArena
{
    public const int None = -1;

    /// <summary>Largest block; anything longer lives in an array of its own.</summary>
    public const int BlockSizeBytesMax = 20 * 1024;
    private const int SlabSizeBytes = 256 * 1024;
    private const int BlockBits = 14;
    private const int FineStepBytes = 16;
    private const int FineMaxBytes = 1024;

    /// <summary>Blocks are numbered in 31 bits, 14 of them within the slab.</summary>
    private const int SlabsMax = 1 << (31 - BlockBits);

    /// <summary>Empty slabs kept for the next need: 2 MB, so that a load that swings does not allocate.</summary>
    private const int SpareSlabsMax = 8;
    private static readonly int[] CoarseSizes =
        [1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120, 6144, 7168, 8192, 10240, 12288, 14336, 16384, BlockSizeBytesMax];

    private readonly int[] _roomHead = new int[(FineMaxBytes / FineStepBytes) + 1 + CoarseSizes.Length];
    private readonly Stack<byte[]> _spare = new();
    private byte[]?[] _slabs = [];
    private Slab[] _states = [];
    private int _slabCount;
    private int _vacantHead = None;

    public PayloadArena() => Array.Fill(_roomHead, None);

    private struct Slab
    {
        public int Class;
        public int BlockSizeBytes;
        public int Capacity;
        public int FreeHead;
        public int Fresh;
        public int Used;
        public int Next;
        public int Previous;
    }

    /// <summary>Bytes of blocks in use, rounded up as they are.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>True when the numbers are used up (32 GB); the caller refuses the job.</summary>
    public bool IsFull => _slabCount >= SlabsMax && _vacantHead == None;

    public static int RoundedSize(int sizeBytes) => SizeOf(ClassOf(sizeBytes));

    public int Allocate(int sizeBytes)
    {
        var kind = ClassOf(sizeBytes);
        if (_roomHead[kind] == None)
            AddSlab(kind);
        var number = _roomHead[kind];
        ref var slab = ref _states[number];
        int block;
        if (slab.FreeHead != None)
        {
            block = slab.FreeHead;
            slab.FreeHead = BinaryPrimitives.ReadInt32LittleEndian(_slabs[number].AsSpan(block * slab.BlockSizeBytes));
        }
        else
        {
            block = slab.Fresh++;
        }

        if (++slab.Used == slab.Capacity)
            Unlink(number);
        UsedBytes += slab.BlockSizeBytes;
        return (number << BlockBits) | block;
    }

    public Span<byte> Block(int block, int offset, int length)
    {
        var number = block >> BlockBits;
        return _slabs[number].AsSpan(((block & ((1 << BlockBits) - 1)) * _states[number].BlockSizeBytes) + offset, length);
    }

    public void Free(int block)
    {
        var number = block >> BlockBits;
        var index = block & ((1 << BlockBits) - 1);
        ref var slab = ref _states[number];
        Invariant.Require(slab.Used > 0);
        if (slab.Used-- == slab.Capacity)
            Link(number);
        BinaryPrimitives.WriteInt32LittleEndian(_slabs[number].AsSpan(index * slab.BlockSizeBytes), slab.FreeHead);
        slab.FreeHead = index;
        UsedBytes -= slab.BlockSizeBytes;
        if (slab.Used == 0 && (slab.Next != None || slab.Previous != None))
            DropSlab(number);
    }

    private static int ClassOf(int sizeBytes)
    {
        if (sizeBytes <= FineMaxBytes)
            return Math.Max(1, (sizeBytes + FineStepBytes - 1) / FineStepBytes);
        var coarse = 0;
        while (CoarseSizes[coarse] < sizeBytes)
            coarse++;
        return (FineMaxBytes / FineStepBytes) + 1 + coarse;
    }

    private static int SizeOf(int kind)
        => kind <= FineMaxBytes / FineStepBytes ? kind * FineStepBytes : CoarseSizes[kind - (FineMaxBytes / FineStepBytes) - 1];

    private void AddSlab(int kind)
    {
        int number;
        if (_vacantHead != None)
        {
            number = _vacantHead;
            _vacantHead = _states[number].Next;
        }
        else
        {
            Invariant.Require(_slabCount < SlabsMax);
            if (_slabCount == _slabs.Length)
            {
                Array.Resize(ref _slabs, Math.Max(4, _slabCount * 2));
                Array.Resize(ref _states, _slabs.Length);
            }

            number = _slabCount++;
        }

        _slabs[number] = _spare.Count > 0 ? _spare.Pop() : GC.AllocateUninitializedArray<byte>(SlabSizeBytes);
        var size = SizeOf(kind);
        _states[number] = new Slab { Class = kind, BlockSizeBytes = size, Capacity = SlabSizeBytes / size, FreeHead = None };
        Link(number);
    }

    private void DropSlab(int number)
    {
        Unlink(number);
        if (_spare.Count < SpareSlabsMax)
            _spare.Push(_slabs[number]!);
        _slabs[number] = null;
        _states[number].Next = _vacantHead;
        _vacantHead = number;
    }

    private void Link(int number)
    {
        ref var slab = ref _states[number];
        ref var head = ref _roomHead[slab.Class];
        slab.Previous = None;
        slab.Next = head;
        if (head != None)
            _states[head].Previous = number;
        head = number;
    }

    private void Unlink(int number)
    {
        ref var slab = ref _states[number];
        if (slab.Previous == None)
            _roomHead[slab.Class] = slab.Next;
        else
            _states[slab.Previous].Next = slab.Next;
        if (slab.Next != None)
            _states[slab.Next].Previous = slab.Previous;
        slab.Next = None;
        slab.Previous = None;
    }
}
