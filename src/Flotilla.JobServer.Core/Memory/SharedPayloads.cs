namespace Flotilla.JobServer.Core;

/// <summary>Large payloads, each an array of its own that outputs may take by reference; never changed, never reused.</summary>
internal sealed class SharedPayloads
{
    private readonly Stack<int> _free = new();
    private byte[]?[] _arrays = [];
    private int _count;

    public long UsedBytes { get; private set; }

    public int Add(ReadOnlySpan<byte> bytes)
    {
        if (!_free.TryPop(out var number))
        {
            if (_count == _arrays.Length)
                Array.Resize(ref _arrays, Math.Max(16, _count * 2));
            number = _count++;
        }

        _arrays[number] = bytes.ToArray();
        UsedBytes += bytes.Length;
        return number;
    }

    public byte[] this[int number] => _arrays[number]!;

    public void Remove(int number)
    {
        UsedBytes -= _arrays[number]!.Length;
        _arrays[number] = null;
        _free.Push(number);
    }
}
