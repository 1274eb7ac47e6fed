using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Http;

/// <summary>Reads whole packets from a queue whose pieces end anywhere.</summary>
internal static class PacketQueue
{
    /// <summary>Takes the next packet's header; its body is then at the head of the queue.</summary>
    public static bool TryTakeHeader(ByteQueue packets, out PacketHeader header)
    {
        Span<byte> bytes = stackalloc byte[PacketHeader.SizeBytes];
        if (Peek(packets, bytes) < bytes.Length || !PacketHeader.TryRead(bytes, out header))
        {
            header = default;
            return false;
        }

        packets.Consume(PacketHeader.SizeBytes);
        return true;
    }

    /// <summary>
    /// Takes a body's first argument into <paramref name="target"/>, its zero byte too where there is one; false when it is longer.
    /// </summary>
    public static bool TryTakeArgument(ByteQueue packets, ref int bodyBytes, Span<byte> target, out int length)
    {
        length = 0;
        var seen = target[..Peek(packets, target[..Math.Min(target.Length, bodyBytes)])];
        var end = seen.IndexOf((byte)0);
        if (end < 0 && seen.Length < bodyBytes)
            return false;
        length = end < 0 ? seen.Length : end;
        var taken = end < 0 ? seen.Length : end + 1;
        packets.Consume(taken);
        bodyBytes -= taken;
        return true;
    }

    /// <summary>Moves bytes from one queue's head to another's tail.</summary>
    public static void Move(ByteQueue source, ByteQueue target, int count)
    {
        while (count > 0)
        {
            var head = source.Head;
            var part = Math.Min(count, head.Length);
            Invariant.Require(part > 0);
            target.Append(head[..part]);
            source.Consume(part);
            count -= part;
        }
    }

    private static int Peek(ByteQueue queue, Span<byte> target)
    {
        var length = 0;
        for (var piece = 0; piece < queue.PieceCount && length < target.Length; piece++)
        {
            var bytes = queue.Piece(piece).Span;
            bytes = bytes[..Math.Min(bytes.Length, target.Length - length)];
            bytes.CopyTo(target[length..]);
            length += bytes.Length;
        }

        return length;
    }
}
