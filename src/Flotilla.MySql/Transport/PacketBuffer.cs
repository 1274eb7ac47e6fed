using System.Buffers;
using Flotilla.Primitives;

namespace Flotilla.MySql.Transport;

/// <summary>Where the next packet for the server is written, with room for its header before it.</summary>
internal sealed class PacketBuffer : IBufferWriter<byte>
{
    public const int HeaderBytes = 4;

    /// <summary>A buffer that grew beyond this is given up after its packet.</summary>
    private const int KeepBytes = 256 * 1024;

    private const int FirstBytes = 1024;

    private byte[] _bytes = new byte[FirstBytes];
    private int _end = HeaderBytes;

    /// <summary>Bytes of the payload so far.</summary>
    public int PayloadBytes => _end - HeaderBytes;

    /// <summary>Room for a header, then the payload.</summary>
    public Memory<byte> HeaderAndPayload => _bytes.AsMemory(0, _end);

    public void Reset()
    {
        if (_bytes.Length > KeepBytes)
            _bytes = new byte[FirstBytes];
        _end = HeaderBytes;
    }

    public void Advance(int count)
    {
        Invariant.Require(count >= 0 && count <= _bytes.Length - _end);
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsSpan(_end);
    }

    private void MakeRoom(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 1);
        if (_bytes.Length - _end >= sizeHint)
            return;
        var wanted = Math.Max((long)_end + sizeHint, Math.Min((long)_bytes.Length * 2, Array.MaxLength));
        if (wanted > Array.MaxLength)
            throw new MySqlException($"a packet would have more than {Array.MaxLength} bytes");
        Array.Resize(ref _bytes, (int)wanted);
    }
}
