using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Groups;

/// <summary>
/// How a client asks a node how the cluster looks, and the answer. Ask (0xE0): u8 1 to be told again at each change. Status (0xE1): u64 u64 cluster, u64 node, u32
/// incarnation, u8 1 when it may act, u64 epoch, u64 sequencer, u16 count of members, then of each u64 node, u32 incarnation, u8 role, u8 weight, text name, text
/// address; text node's name. A text is u16 length and UTF-8.
/// </summary>
internal static class StatusFrame
{
    public const byte Ask = 0xE0;
    public const byte Answer = 0xE1;

    private const int MaxTextBytes = 1024;
    private const int HeaderBytes = 5;

    public static void WriteAsk(ByteQueue output, bool isWatching)
    {
        var span = output.GetSpan(HeaderBytes + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(span, 2);
        (span[4], span[5]) = (Ask, isWatching ? (byte)1 : (byte)0);
        output.Advance(HeaderBytes + 1);
    }

    public static void Write(ByteQueue output, ClusterStatus status)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(0u);
            writer.Write(Answer);
            writer.Write(status.Cluster.High);
            writer.Write(status.Cluster.Low);
            writer.Write(status.Id.Node.Value);
            writer.Write(status.Id.Incarnation);
            writer.Write(status.IsPrimary);
            writer.Write(status.Epoch);
            writer.Write(status.Sequencer.Value);
            writer.Write((ushort)status.Members.Length);
            foreach (var member in status.Members)
            {
                writer.Write(member.Id.Node.Value);
                writer.Write(member.Id.Incarnation);
                writer.Write((byte)member.Role);
                writer.Write((byte)member.Weight);
                WriteText(writer, member.Name);
                WriteText(writer, member.Address);
            }

            WriteText(writer, status.Node);
        }

        var bytes = stream.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)bytes.Length - 4);
        output.Append(bytes);
    }

    /// <summary>Reads an answer (type first).</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out ClusterStatus? status)
    {
        status = null;
        if (frame.IsEmpty || frame[0] != Answer)
            return false;
        var rest = frame[1..];
        if (!TryTake(ref rest, 16 + 12 + 1 + 16 + 2, out var head))
            return false;
        var count = BinaryPrimitives.ReadUInt16LittleEndian(head[45..]);
        var members = ImmutableArray.CreateBuilder<ClusterMember>();
        for (var i = 0; i < count; i++)
        {
            if (!TryTake(ref rest, 14, out var member) || !TryText(ref rest, out var memberName) || !TryText(ref rest, out var address) || member[12] is not (1 or 2))
                return false;
            members.Add(new ClusterMember(Id(member), memberName, address, (MemberRole)member[12], member[13]));
        }

        if (!TryText(ref rest, out var name) || !rest.IsEmpty || head[28] > 1)
            return false;
        status = new ClusterStatus
        {
            Node = name,
            Id = Id(head[16..]),
            Cluster = new ClusterId(BinaryPrimitives.ReadUInt64LittleEndian(head), BinaryPrimitives.ReadUInt64LittleEndian(head[8..])),
            IsPrimary = head[28] == 1,
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(head[29..]),
            Sequencer = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(head[37..])),
            Members = members.ToImmutable(),
        };
        return true;
    }

    private static MemberId Id(ReadOnlySpan<byte> bytes)
        => new(new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(bytes)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ushort)bytes.Length);
        writer.Write(bytes);
    }

    private static bool TryText(ref ReadOnlySpan<byte> rest, out string text)
    {
        text = "";
        if (!TryTake(ref rest, 2, out var length) || !TryTake(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(length), out var bytes) || bytes.Length > MaxTextBytes || !Utf8.IsValid(bytes))
            return false;
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, int count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (rest.Length < count)
            return false;
        taken = rest[..count];
        rest = rest[count..];
        return true;
    }
}
