using System.Buffers.Binary;
using System.Collections.Immutable;
using Flotilla.Groups.Core.Layer;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core;

/// <summary>A frame between an external client and its node, without its length. docs/protocols/groups.md has the bytes.</summary>
public readonly ref struct ClientFrame
{
    public const byte Version = 1;

    /// <summary>Most texts (addresses, members) in one frame.</summary>
    private const int MaxItems = 4096;

    public ClientFrameType Type { get; init; }

    public ClientId Client { get; init; }

    /// <summary>The client's number of a message or query.</summary>
    public ulong Number { get; init; }

    public Delivery Delivery { get; init; }

    public CommandResult Result { get; init; }

    /// <summary>As in <see cref="QueryGroup.Replies"/>.</summary>
    public int Replies { get; init; }

    public ulong TimeoutMs { get; init; }

    /// <summary>A group's name; in Welcome the node's.</summary>
    public string Group { get; init; }

    /// <summary>Position in the log.</summary>
    public ulong Sequence { get; init; }

    public ulong Epoch { get; init; }

    public MemberId From { get; init; }

    /// <summary>Addresses to go to (Welcome, Redirect).</summary>
    public ImmutableArray<string> Addresses { get; init; }

    /// <summary>For a view: its number is in <see cref="Number"/>.</summary>
    public ImmutableArray<ClusterMember> Members { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public void Write(ByteQueue output)
    {
        var writer = new LayerWriter();
        WriteBody(writer);
        var body = writer.Written;
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), (uint)body.Length);
        output.Advance(4);
        output.Append(body);
    }

    private void WriteBody(LayerWriter writer)
    {
        writer.Byte((byte)Type);
        switch (Type)
        {
            case ClientFrameType.Hello: writer.Byte(Version).U64(Client.High).U64(Client.Low); break;
            case ClientFrameType.Send: writer.Varint(Number).Byte((byte)Delivery).Text(Group).Raw(Payload); break;
            case ClientFrameType.Query:
                writer.Varint(Number).Byte((byte)Delivery).Varint((ulong)(Replies + 1)).Varint(TimeoutMs).Text(Group).Raw(Payload);
                break;
            case ClientFrameType.Subscribe or ClientFrameType.Unsubscribe: writer.Text(Group); break;
            case ClientFrameType.Welcome: WriteAddresses(writer.Text(Group)); break;
            case ClientFrameType.Redirect: WriteAddresses(writer); break;
            case ClientFrameType.Sent: writer.Varint(Number).Byte((byte)Result).Varint(Sequence).Raw(Payload); break;
            case ClientFrameType.Answer: writer.Varint(Number).Member(From).Byte((byte)Result).Raw(Payload); break;
            case ClientFrameType.QueryEnd: writer.Varint(Number).Byte((byte)Result).Raw(Payload); break;
            case ClientFrameType.View: WriteView(writer); break;
            case ClientFrameType.Refused: writer.Raw(Payload); break;
            default: throw new InvariantViolationException($"no frame is written as {Type}");
        }
    }

    private void WriteAddresses(LayerWriter writer)
    {
        writer.Varint((ulong)Addresses.Length);
        foreach (var address in Addresses)
            writer.Text(address);
    }

    private void WriteView(LayerWriter writer)
    {
        writer.Text(Group).Varint(Epoch).Varint(Number).Varint(Sequence).Varint((ulong)Members.Length);
        foreach (var member in Members)
            writer.Member(member.Id).Text(member.Name).Text(member.Address);
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out ClientFrame frame)
    {
        frame = new ClientFrame { Group = "", Addresses = [], Members = [] };
        var reader = new LayerReader(bytes);
        frame = frame with { Type = (ClientFrameType)reader.Byte() };
        switch (frame.Type)
        {
            case ClientFrameType.Hello:
                if (reader.Byte() != Version)
                    return false;
                frame = frame with { Client = new ClientId(reader.U64(), reader.U64()) };
                return reader.IsWhole && !frame.Client.IsNone;
            case ClientFrameType.Send or ClientFrameType.Query: return TryReadRequest(reader, ref frame);
            case ClientFrameType.Subscribe or ClientFrameType.Unsubscribe: frame = frame with { Group = reader.Text(LayerLimits.MaxNameBytes) }; break;
            case ClientFrameType.Welcome:
                frame = frame with { Group = reader.Text(1024, mayBeEmpty: true) };
                return TryReadAddresses(reader, ref frame);
            case ClientFrameType.Redirect: return TryReadAddresses(reader, ref frame);
            case ClientFrameType.Sent or ClientFrameType.Answer or ClientFrameType.QueryEnd: return TryReadOutcome(reader, ref frame);
            case ClientFrameType.View: return TryReadView(reader, ref frame);
            case ClientFrameType.Refused: frame = frame with { Payload = reader.Rest() }; break;
            case ClientFrameType.None:
            default: return false;
        }

        return reader.IsWhole;
    }

    private static bool TryReadRequest(LayerReader reader, ref ClientFrame frame)
    {
        frame = frame with { Number = reader.Varint() };
        frame = frame with { Delivery = (Delivery)reader.Byte() };
        if (frame.Type == ClientFrameType.Query)
        {
            var replies = reader.Varint();
            frame = frame with { Replies = (int)Math.Min(replies, 1_000_000) - 1 };
            frame = frame with { TimeoutMs = reader.Varint() };
        }

        frame = frame with { Group = reader.Text(LayerLimits.MaxNameBytes) };
        frame = frame with { Payload = reader.Rest() };
        if (frame.Number == 0 || frame.Delivery is < Delivery.Fifo or > Delivery.SafeDurable)
            reader.Fail();
        return reader.IsWhole;
    }

    private static bool TryReadAddresses(LayerReader reader, ref ClientFrame frame)
    {
        var count = reader.Count(1);
        List<string> addresses = [];
        for (var i = 0; i < count && i < MaxItems && reader.IsGood; i++)
            addresses.Add(reader.Text(4096, mayBeEmpty: true));
        frame = frame with { Addresses = [.. addresses] };
        return reader.IsWhole;
    }

    private static bool TryReadOutcome(LayerReader reader, ref ClientFrame frame)
    {
        frame = frame with { Number = reader.Varint() };
        if (frame.Type == ClientFrameType.Answer)
            frame = frame with { From = reader.Member() };
        frame = frame with { Result = (CommandResult)reader.Byte() };
        if (frame.Type == ClientFrameType.Sent)
            frame = frame with { Sequence = reader.Varint() };
        frame = frame with { Payload = reader.Rest() };
        if (frame.Result is < CommandResult.Done or > CommandResult.Aborted)
            reader.Fail();
        return reader.IsWhole;
    }

    private static bool TryReadView(LayerReader reader, ref ClientFrame frame)
    {
        frame = frame with { Group = reader.Text(LayerLimits.MaxNameBytes) };
        frame = frame with { Epoch = reader.Varint(), Number = reader.Varint(), Sequence = reader.Varint() };
        var count = reader.Count(14);
        List<ClusterMember> members = [];
        for (var i = 0; i < count && i < MaxItems && reader.IsGood; i++)
            members.Add(new ClusterMember(reader.Member(), reader.Text(1024, mayBeEmpty: true), reader.Text(4096, mayBeEmpty: true), MemberRole.Learner, 0));
        frame = frame with { Members = [.. members] };
        return reader.IsWhole;
    }
}
