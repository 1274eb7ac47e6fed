using System.Buffers;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Http;

/// <summary>
/// The body of the packet a request becomes: function, zero, unique, zero, then the workload as it arrives. Grows with what was received,
/// never with what was announced; holds nothing between requests.
/// </summary>
internal sealed class RequestBody
{
    private byte[] _bytes = [];
    private int _length;
    private int _headLength;

    public ReadOnlySpan<byte> Packet => _bytes.AsSpan(0, _length);

    public int WorkloadBytes => _length - _headLength;

    public bool IsEmpty => _length == 0;

    public void Start(ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique)
    {
        Invariant.Require(_length == 0);
        Append(function);
        Append([0]);
        Append(unique);
        Append([0]);
        _headLength = _length;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _length < bytes.Length)
            Grow(_length + bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    public void Release()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
        _headLength = 0;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(_bytes.Length, 512 * 1024 * 1024) * 2));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
