using System.Buffers;
using Flotilla.Primitives;

namespace Flotilla.Sockets;

/// <summary>
/// Received bytes that nobody has used yet. Whole messages stay in the loop's shared arena; only the rest of an incomplete one moves to a
/// buffer of its own, so an idle connection holds nothing. The buffer grows as bytes come, never because a peer promises some.
/// </summary>
internal struct ReceiveBuffer
{
    /// <summary>Larger buffers are given up as soon as little is left in them.</summary>
    public const int SmallBytes = 64 * 1024;

    private const int FirstSizeBytes = 4 * 1024;
    private const int SmallestGrowthBytes = 16 * 1024;

    /// <summary>What a peer has sent, times this, it may reserve: steps this large leave a third of the message's size as garbage.</summary>
    private const long GrowthFactor = 4;

    /// <summary>Larger buffers are made to measure: the pool would round them up to a power of two and keep them.</summary>
    private const int LargestPooledBytes = 1024 * 1024;

    private byte[]? _array;
    private int _start;
    private int _end;

    /// <summary>Size of the connection's own buffer; 0 when it has none.</summary>
    public int OwnedBytes { get; private set; }

    public readonly bool IsEmpty => _start == _end;

    public readonly ReadOnlySpan<byte> Unread => _array.AsSpan(_start, _end - _start);

    public void Lend(byte[] arena, int start, int length)
    {
        Invariant.Require(OwnedBytes == 0);
        _array = arena;
        _start = start;
        _end = start + length;
    }

    public void Consume(int count)
    {
        Invariant.Require(count >= 0 && count <= _end - _start);
        _start += count;
    }

    public void Extend(int count) => _end += count;

    /// <summary>After a batch: gives the buffer back when all was used, moves out of the arena what was not.</summary>
    public void Settle()
    {
        if (_start == _end)
        {
            Release();
        }
        else if (OwnedBytes == 0 || (OwnedBytes > SmallBytes && _end - _start < OwnedBytes / 8))
        {
            MoveTo(Rent(Math.Max(_end - _start, FirstSizeBytes)));
        }
    }

    public void Release()
    {
        if (OwnedBytes > 0)
            Return(_array!);
        _array = null;
        _start = 0;
        _end = 0;
        OwnedBytes = 0;
    }

    /// <summary>How large the own buffer has to be before the next receive; <paramref name="wanted"/> is the length of the whole message, 0 if unknown.</summary>
    public readonly int SizeForMore(int wanted)
    {
        var unread = _end - _start;
        if (unread < OwnedBytes - (OwnedBytes / 4) || (wanted > unread && OwnedBytes >= wanted))
            return OwnedBytes;
        var size = Math.Max(unread * GrowthFactor, SmallestGrowthBytes);
        if (wanted > unread)
            size = Math.Min(size, Math.Max(wanted, SmallestGrowthBytes));
        return (int)Math.Min(size, Array.MaxLength);
    }

    /// <summary>Free space behind the unread bytes in an own buffer of at least <paramref name="size"/> bytes.</summary>
    public Memory<byte> SpaceForMore(int size)
    {
        if (OwnedBytes < size)
            MoveTo(Rent(size));
        else if (_start > 0 && _end > OwnedBytes / 2)
            MoveTo(_array!);
        return _array.AsMemory(_end);
    }

    private void MoveTo(byte[] target)
    {
        var unread = Unread;
        unread.CopyTo(target);
        if (OwnedBytes > 0 && !ReferenceEquals(target, _array))
            Return(_array!);
        _end = unread.Length;
        _start = 0;
        _array = target;
        OwnedBytes = target.Length;
    }

    private static byte[] Rent(int size)
        => size <= LargestPooledBytes ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private static void Return(byte[] array)
    {
        if (array.Length <= LargestPooledBytes)
            ArrayPool<byte>.Shared.Return(array);
    }
}
