using System.Buffers;
using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Connections;

/// <summary>
/// Cuts the received bytes into packets and text lines. Small messages are read from one pooled buffer; the body of a large packet gets an
/// array of its own, into which the socket writes directly and which its receiver may keep.
/// </summary>
internal sealed class ReceiveBuffer(int maxPacketBytes, int maxLineBytes) : IDisposable
{
    private const int StartBytes = 32 * 1024;

    /// <summary>Bodies from this size get their own array; below it one copy costs less than a further receive.</summary>
    private const int LargeBodyBytes = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(StartBytes);
    private int _start;
    private int _end;
    private byte[]? _large;
    private int _largeFilled;
    private PacketType _largeType;

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Room()
    {
        if (_large is not null)
            return _large.AsMemory(_largeFilled);
        if (_start == _end)
            _start = _end = 0;
        if (_end == _buffer.Length)
            MakeRoom();
        return _buffer.AsMemory(_end);
    }

    public void Received(int count)
    {
        if (_large is not null)
            _largeFilled += count;
        else
            _end += count;
    }

    /// <summary>Takes the next whole message: a packet, or a line when the packet's type is <see cref="PacketType.None"/>.</summary>
    /// <exception cref="GearmanProtocolException">The bytes are no message.</exception>
    public bool TryTake(out IncomingPacket packet, out ReadOnlySpan<byte> line)
    {
        packet = default;
        line = default;
        if (_large is not null)
            return TryTakeLarge(out packet);
        var rest = _buffer.AsSpan(_start, _end - _start);
        if (rest.IsEmpty)
            return false;
        return rest[0] == 0 ? TryTakePacket(rest, out packet) : TryTakeLine(rest, out line);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool TryTakePacket(ReadOnlySpan<byte> rest, out IncomingPacket packet)
    {
        packet = default;
        if (!PacketHeader.TryRead(rest, out var header))
            return false;
        if (header.Magic != PacketMagic.Response)
            throw new GearmanProtocolException($"magic {(uint)header.Magic:x8} where \\0RES must stand");
        if (header.Type is PacketType.None or > PacketType.StatusResUnique)
            throw new GearmanProtocolException($"packet type {(uint)header.Type} is unknown");
        if (header.BodyLengthBytes > maxPacketBytes)
            throw new GearmanProtocolException($"a packet of {header.BodyLengthBytes} bytes; the limit is {maxPacketBytes}");
        var length = (int)header.BodyLengthBytes;
        if (rest.Length - PacketHeader.SizeBytes >= length)
        {
            packet = new IncomingPacket(header.Type, rest.Slice(PacketHeader.SizeBytes, length), null);
            _start += PacketHeader.SizeBytes + length;
            return true;
        }

        if (length >= LargeBodyBytes)
            BeginLarge(header.Type, length, rest[PacketHeader.SizeBytes..]);
        return false;
    }

    private void BeginLarge(PacketType type, int length, ReadOnlySpan<byte> there)
    {
        _large = GC.AllocateUninitializedArray<byte>(length);
        there.CopyTo(_large);
        _largeFilled = there.Length;
        _largeType = type;
        _start = _end = 0;
    }

    private bool TryTakeLarge(out IncomingPacket packet)
    {
        packet = default;
        if (_largeFilled < _large!.Length)
            return false;
        packet = new IncomingPacket(_largeType, _large, _large);
        _large = null;
        return true;
    }

    private bool TryTakeLine(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        line = default;
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            if (rest.Length > maxLineBytes)
                throw new GearmanProtocolException($"a line of more than {maxLineBytes} bytes");
            return false;
        }

        line = end > 0 && rest[end - 1] == '\r' ? rest[..(end - 1)] : rest[..end];
        _start += end + 1;
        return true;
    }

    private void MakeRoom()
    {
        var length = _end - _start;
        if (_start >= _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, length).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _start = 0;
        _end = length;
    }
}
