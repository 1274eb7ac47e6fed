using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>Writes packets: up to five zero-terminated arguments, then the last one without a terminator.</summary>
public static class PacketWriter
{
    /// <summary>From here a payload is appended by reference when its owner offers memory: a copy costs more than a chunk.</summary>
    public const int SharePayloadFromBytes = 16 * 1024;

    public static void Write(ByteQueue output, PacketMagic magic, PacketType type)
    {
        var span = output.GetSpan(PacketHeader.SizeBytes);
        new PacketHeader(magic, type, 0).Write(span);
        output.Advance(PacketHeader.SizeBytes);
    }

    public static void Write(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> last)
    {
        var span = Begin(output, magic, type, last.Length);
        last.CopyTo(span[PacketHeader.SizeBytes..]);
        output.Advance(PacketHeader.SizeBytes + last.Length);
    }

    public static void Write(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        var size = first.Length + 1 + last.Length;
        var span = Begin(output, magic, type, size)[PacketHeader.SizeBytes..];
        last.CopyTo(Put(span, first));
        output.Advance(PacketHeader.SizeBytes + size);
    }

    public static void Write(
        ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> last)
    {
        var size = first.Length + second.Length + 2 + last.Length;
        var span = Begin(output, magic, type, size)[PacketHeader.SizeBytes..];
        last.CopyTo(Put(Put(span, first), second));
        output.Advance(PacketHeader.SizeBytes + size);
    }

    public static void Write(
        ByteQueue output, PacketMagic magic, PacketType type,
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, ReadOnlySpan<byte> last)
    {
        var size = first.Length + second.Length + third.Length + 3 + last.Length;
        var span = Begin(output, magic, type, size)[PacketHeader.SizeBytes..];
        last.CopyTo(Put(Put(Put(span, first), second), third));
        output.Advance(PacketHeader.SizeBytes + size);
    }

    /// <summary>Any number of arguments; for packets off the hot path.</summary>
    public static void Write(ByteQueue output, PacketMagic magic, PacketType type, params ReadOnlySpan<byte[]> arguments)
    {
        var size = Math.Max(0, arguments.Length - 1);
        foreach (var argument in arguments)
            size += argument.Length;
        var span = Begin(output, magic, type, size)[PacketHeader.SizeBytes..];
        for (var i = 0; i < arguments.Length - 1; i++)
            span = Put(span, arguments[i]);
        if (arguments.Length > 0)
            arguments[^1].CopyTo(span);
        output.Advance(PacketHeader.SizeBytes + size);
    }

    /// <summary>
    /// Writes only the header and the terminated arguments of a packet whose last argument, <paramref name="lastLengthBytes"/> long,
    /// the caller appends itself with <see cref="ByteQueue.AppendShared"/>.
    /// </summary>
    public static void WriteHead(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> terminated, int lastLengthBytes)
    {
        var span = output.GetSpan(PacketHeader.SizeBytes + terminated.Length);
        new PacketHeader(magic, type, (uint)(terminated.Length + lastLengthBytes)).Write(span);
        terminated.CopyTo(span[PacketHeader.SizeBytes..]);
        output.Advance(PacketHeader.SizeBytes + terminated.Length);
    }

    /// <summary>
    /// One terminated argument and a payload that its owner will never change: large ones are appended by reference, small ones copied.
    /// </summary>
    public static void Write(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> first, ReadOnlyMemory<byte> payload)
    {
        var body = new PacketBody(output, magic, type, first.Length + 1, payload.Length, mayShare: true);
        body.Put(first);
        body.End(payload);
    }

    private static Span<byte> Begin(ByteQueue output, PacketMagic magic, PacketType type, int bodyBytes)
    {
        var span = output.GetSpan(PacketHeader.SizeBytes + bodyBytes);
        new PacketHeader(magic, type, (uint)bodyBytes).Write(span);
        return span;
    }

    private static Span<byte> Put(Span<byte> target, ReadOnlySpan<byte> argument)
    {
        argument.CopyTo(target);
        target[argument.Length] = 0;
        return target[(argument.Length + 1)..];
    }
}
