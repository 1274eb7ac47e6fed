using System.Runtime.CompilerServices;

namespace Flotilla.JobServer.Core;

/// <summary>A list that grows and shrinks by chunks at its end, without ever copying what it holds.</summary>
internal sealed class ChunkedList<T>
    where T : struct
{
    private const int Shift = 12;
    private const int Mask = (1 << Shift) - 1;
    private T[]?[] _chunks = [];

    public int Count { get; private set; }

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _chunks[index >> Shift]![index & Mask];
    }

    public void Add(in T item)
    {
        var chunk = Count >> Shift;
        if (chunk == _chunks.Length)
            Array.Resize(ref _chunks, Math.Max(4, chunk * 2));
        (_chunks[chunk] ??= new T[Mask + 1])[Count & Mask] = item;
        Count++;
    }

    /// <summary>Drops the last item; one empty chunk beyond the end stays.</summary>
    public void RemoveLast()
    {
        Count--;
        var beyond = (Count >> Shift) + 1;
        if ((Count & Mask) == 0 && beyond < _chunks.Length)
            _chunks[beyond] = null;
    }
}
