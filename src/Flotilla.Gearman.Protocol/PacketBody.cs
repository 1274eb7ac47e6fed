using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>Writes one packet argument by argument into the queue's own memory; its exact size is known before.</summary>
internal ref struct PacketBody
{
    private readonly ByteQueue _output;
    private readonly int _lastBytes;
    private readonly bool _shared;
    private Span<byte> _rest;
    private readonly int _written;

    /// <summary>Writes the header and makes room.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="magic">Which way.</param>
    /// <param name="type">The type.</param>
    /// <param name="terminatedBytes">Bytes of all arguments but the last, with their zero bytes.</param>
    /// <param name="lastBytes">Bytes of the last argument.</param>
    /// <param name="mayShare">The last argument comes as memory that may be appended by reference when it is large.</param>
    public PacketBody(ByteQueue output, PacketMagic magic, PacketType type, int terminatedBytes, int lastBytes, bool mayShare)
    {
        _output = output;
        _lastBytes = lastBytes;
        _shared = mayShare && lastBytes >= PacketWriter.SharePayloadFromBytes;
        var size = PacketHeader.SizeBytes + terminatedBytes + (_shared ? 0 : lastBytes);
        _rest = output.GetSpan(size)[..size];
        new PacketHeader(magic, type, (uint)(terminatedBytes + lastBytes)).Write(_rest);
        _rest = _rest[PacketHeader.SizeBytes..];
        _written = size;
    }

    public PacketBody(ByteQueue output, PacketMagic magic, PacketType type, int terminatedBytes, int lastBytes)
        : this(output, magic, type, terminatedBytes, lastBytes, mayShare: false)
    {
    }

    public void Put(scoped ReadOnlySpan<byte> argument)
    {
        argument.CopyTo(_rest);
        _rest[argument.Length] = 0;
        _rest = _rest[(argument.Length + 1)..];
    }

    public void End(scoped ReadOnlySpan<byte> last)
    {
        Invariant.Require(last.Length == _lastBytes && _rest.Length == last.Length);
        last.CopyTo(_rest);
        _output.Advance(_written);
    }

    public readonly void End(ReadOnlyMemory<byte> last)
    {
        Invariant.Require(last.Length == _lastBytes && _rest.Length == (_shared ? 0 : last.Length));
        if (!_shared)
            last.Span.CopyTo(_rest);
        _output.Advance(_written);
        if (_shared)
            _output.AppendShared(last);
    }
}
