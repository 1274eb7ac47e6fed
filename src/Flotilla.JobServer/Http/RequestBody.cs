using System.Buffers;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Http;

/// <summary>
/// The body of the packet a request becomes: function, zero, unique, zero, then the workload as it arrives. Grows with what was received,
/// never with what was announced; holds nothing between requests. What it holds comes out of a budget that all connections share.
/// </summary>
internal sealed class RequestBody(BodyBudget budget)
{
    /// <summary>Not counted: a connection costs as much anyway, and small requests get through however many large ones are half sent.</summary>
    private const int FreeBytes = 1024;

    private byte[] _bytes = [];
    private int _length;
    private int _headLength;

    public ReadOnlySpan<byte> Packet => _bytes.AsSpan(0, _length);

    public int WorkloadBytes => _length - _headLength;

    public bool IsEmpty => _length == 0;

    /// <summary>False when the budget is used up.</summary>
    public bool TryStart(ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique)
    {
        Invariant.Require(_length == 0);
        if (!TryAppend(function) || !TryAppend([0]) || !TryAppend(unique) || !TryAppend([0]))
            return false;
        _headLength = _length;
        return true;
    }

    /// <summary>False, and nothing is kept, when the budget is used up.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _length < bytes.Length && !TryGrow(_length + bytes.Length))
            return false;
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        return true;
    }

    public void Release()
    {
        budget.GiveBack(Counted(_bytes.Length));
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
        _headLength = 0;
    }

    private static int Counted(int bytes) => Math.Max(0, bytes - FreeBytes);

    private bool TryGrow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(_bytes.Length, 512 * 1024 * 1024) * 2));
        if (!budget.TryTake(Counted(larger.Length) - Counted(_bytes.Length)))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }

        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
        return true;
    }
}
