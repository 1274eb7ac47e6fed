using System.Buffers.Binary;
using Flotilla.Groups.Core.Layer;
using Flotilla.Primitives;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Core.Tests.Layer;

/// <summary>Every format of the layer: what is written is read, any part of it is refused or read without an exception, as is anything else.</summary>
public sealed class FormatTests
{
    private static readonly Dictionary<string, (Func<List<byte[]>> Seeds, FuzzTarget Target)> Formats = new(StringComparer.Ordinal)
    {
        ["entries"] = (Entries, ReadEntry),
        ["direct-frames"] = (DirectFrames, ReadDirectFrame),
        ["client-frames"] = (ClientFrames, ReadClientFrame),
        ["tables"] = (TableBytes, ReadTables),
        ["checkpoint-records"] = (CheckpointRecords, ReadCheckpointRecord),
    };

    public static TheoryData<string> Names => [.. Formats.Keys];

    [Theory, MemberData(nameof(Names))]
    public void WhatIsWrittenIsReadAndWrittenAlike(string name)
    {
        foreach (var bytes in Formats[name].Seeds())
        {
            Formats[name].Target(bytes);
            Assert.Equal(bytes, Rewrite(name, bytes));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void NoPrefixThrows(string name)
    {
        foreach (var bytes in Formats[name].Seeds())
        {
            for (var length = 0; length < bytes.Length; length++)
                Formats[name].Target(bytes.AsSpan(0, length));
        }
    }

    [Theory, MemberData(nameof(Names))]
    [Trait("tier", "full")]
    public void NoInputBreaksIt(string name)
    {
        var report = Fuzzer.Run("groups-" + name, Formats[name].Seeds(), Formats[name].Target, new FuzzOptions { Budget = TimeSpan.FromSeconds(10) });
        Assert.True(report.Inputs > 1_000, $"only {report.Inputs} inputs in {report.Elapsed}");
    }

    [Theory, InlineData("tables"), InlineData("entries")]
    public void NothingMayFollow(string name)
    {
        foreach (var bytes in Formats[name].Seeds().Where(bytes => name == "tables" || bytes[0] is 3 or 4 or 5 or 6 or 7 or 13 or 14))
            Assert.Null(Rewrite(name, [.. bytes, 1]));
    }

    [Fact]
    public void ARawMessageHasTheBytesThatTheDocumentSays()
        => Assert.Equal("01" + "02000000" + "01000000" + "78", Convert.ToHexString(DirectFrames()[0]));

    [Fact]
    public void AStepBackHasTheBytesThatTheDocumentSays()
        => Assert.Equal("0E" + "07000000", Convert.ToHexString(Entries().Single(bytes => bytes[0] == 14)));

    [Fact]
    public void TablesWithoutEpochsOfLastMessagesAreRead()
    {
        var group = new SharedGroup(1, "g", isPersistent: true);
        group.Begin(new LogEntry { Sequence = 5, Epoch = 3, Kind = LogEntryKind.Message, Delivery = Delivery.Safe });
        var written = new LayerWriter();
        group.Write(written);
        var bytes = written.Written.ToArray().ToList();
        Assert.Equal([5, 5, 3], bytes[8..11]);
        bytes.RemoveAt(10);
        var reader = new LayerReader(bytes.ToArray());
        var read = SharedGroup.Read(ref reader, hasEpoch: false);
        Assert.True(reader.IsWhole);
        Assert.Equal((5UL, 5UL, 0UL), (read.Lineage, read.LastSequence, read.LastEpoch));
    }

    [Fact]
    public void ANumberHasOneSpelling()
    {
        var reader = new LayerReader([0x80, 0x00]);
        reader.Varint();
        Assert.False(reader.IsGood);
        var largest = new LayerWriter().Varint(ulong.MaxValue).Written;
        Assert.Equal(10, largest.Length);
        var good = new LayerReader(largest);
        Assert.Equal(ulong.MaxValue, good.Varint());
        Assert.True(good.IsWhole);
    }

    private static byte[]? Rewrite(string name, byte[] bytes)
    {
        var writer = new LayerWriter();
        switch (name)
        {
            case "entries":
                if (!LayerEntry.TryRead(bytes, out var entry))
                    return null;
                entry.Write(writer);
                break;
            case "direct-frames":
                if (!DirectFrame.TryRead(bytes, out var frame))
                    return null;
                frame.Write(writer);
                break;
            case "client-frames":
                if (!ClientFrame.TryRead(bytes, out var client))
                    return null;
                var queue = new ByteQueue();
                client.Write(queue);
                Assert.Equal((int)queue.LengthBytes - 4, BinaryPrimitives.ReadInt32LittleEndian(queue.ToArray()));
                return queue.ToArray()[4..];
            case "tables":
                if (SharedTables.TryRead(bytes) is not { } tables)
                    return null;
                tables.Write(writer);
                break;
            default:
                if (!CheckpointRecord.TryRead(bytes, out var record))
                    return null;
                record.Write(writer);
                break;
        }

        return writer.Written.ToArray();
    }

    private static void ReadEntry(ReadOnlySpan<byte> input) => LayerEntry.TryRead(input, out _);

    private static void ReadDirectFrame(ReadOnlySpan<byte> input) => DirectFrame.TryRead(input, out _);

    private static void ReadClientFrame(ReadOnlySpan<byte> input) => ClientFrame.TryRead(input, out _);

    private static void ReadTables(ReadOnlySpan<byte> input) => SharedTables.TryRead(input);

    private static void ReadCheckpointRecord(ReadOnlySpan<byte> input) => CheckpointRecord.TryRead(input, out _);

    private static List<byte[]> Entries()
    {
        List<byte[]> all = [];
        Add(new LayerEntry { Kind = LayerEntryKind.Message, Group = 7, Payload = "hello"u8 });
        Add(new LayerEntry { Kind = LayerEntryKind.Query, Group = 7, Id = 300, Payload = "who"u8 });
        Add(new LayerEntry { Kind = LayerEntryKind.Ready, Group = 7, Id = 12345 });
        Add(new LayerEntry { Kind = LayerEntryKind.Claim, Group = 7 });
        Add(new LayerEntry { Kind = LayerEntryKind.Discard, Group = 7 });
        Add(new LayerEntry { Kind = LayerEntryKind.StepBack, Group = 7 });
        Add(new LayerEntry { Kind = LayerEntryKind.Flush, Group = 7, Id = 1 });
        Add(new LayerEntry { Kind = LayerEntryKind.Acquire, Id = 1, Name = "lock"u8, Flag = true });
        Add(new LayerEntry { Kind = LayerEntryKind.Release, Version = 9, Name = "lock"u8 });
        Add(new LayerEntry { Kind = LayerEntryKind.CancelAcquire, Id = 1, Name = "lock"u8 });
        Add(new LayerEntry { Kind = LayerEntryKind.Write, Group = 1, Name = "key"u8, Condition = DictionaryCondition.Version, Version = 500, Flag = true, Payload = "v"u8 });
        Add(new LayerEntry { Kind = LayerEntryKind.Write, Group = 1, Name = "key"u8 });
        Add(new LayerEntry { Kind = LayerEntryKind.ClientMessage, Client = new ClientId(1, 2), Id = 3, Group = 1, Payload = "x"u8 });
        var writer = new LayerWriter();
        GroupList.WriteJoin(writer, [new JoinItem("a", GroupStateKind.Persistent, 5, 6), new JoinItem("b", GroupStateKind.None, 0, 0)]);
        Add(new LayerEntry { Kind = LayerEntryKind.Join, Payload = writer.Written });
        writer.Clear();
        GroupList.WriteLeave(writer, [1, 2]);
        Add(new LayerEntry { Kind = LayerEntryKind.Leave, Payload = writer.Written });
        return all;

        void Add(in LayerEntry entry)
        {
            var bytes = new LayerWriter();
            entry.Write(bytes);
            all.Add(bytes.Written.ToArray());
        }
    }

    private static List<byte[]> DirectFrames()
    {
        List<byte[]> all = [];
        Add(new DirectFrame { Kind = DirectFrameKind.Raw, Incarnation = 2, Group = 1, Payload = "x"u8 });
        Add(new DirectFrame { Kind = DirectFrameKind.Reply, Incarnation = 2, Id = 3, Result = CommandResult.Partial, Payload = "x"u8 });
        Add(new DirectFrame { Kind = DirectFrameKind.ReplyTaken, Incarnation = 2, Id = 3 });
        Add(new DirectFrame { Kind = DirectFrameKind.AskDelivered, Sequence = 9 });
        Add(new DirectFrame { Kind = DirectFrameKind.Delivered, Incarnation = 1, Sequence = 9 });
        Add(new DirectFrame { Kind = DirectFrameKind.Ask, Incarnation = 2, Id = 3, Group = 4, Sequence = 5, Index = 6, Taken = 6, Flag = true });
        Add(new DirectFrame { Kind = DirectFrameKind.Chunk, Incarnation = 2, Id = 3, Sequence = 5, Index = 6, Flag = true, Checksum = 7, Payload = "x"u8 });
        Add(new DirectFrame { Kind = DirectFrameKind.Standing, Incarnation = 2, Id = 3, Standing = TransferStanding.Refused, Payload = "x"u8 });
        return all;

        void Add(in DirectFrame frame)
        {
            var bytes = new LayerWriter();
            frame.Write(bytes);
            all.Add(bytes.Written.ToArray());
        }
    }

    private static List<byte[]> ClientFrames()
    {
        List<byte[]> all = [];
        Add(new ClientFrame { Type = ClientFrameType.Hello, Client = new ClientId(1, 2) });
        Add(new ClientFrame { Type = ClientFrameType.Send, Number = 1, Delivery = Delivery.Safe, Group = "g", Payload = "x"u8 });
        Add(new ClientFrame { Type = ClientFrameType.Query, Number = 1, Delivery = Delivery.Ordered, Replies = QueryGroup.Majority, TimeoutMs = 100, Group = "g", Payload = "x"u8 });
        Add(new ClientFrame { Type = ClientFrameType.Subscribe, Group = "g" });
        Add(new ClientFrame { Type = ClientFrameType.Unsubscribe, Group = "g" });
        Add(new ClientFrame { Type = ClientFrameType.Welcome, Group = "node", Addresses = ["a", "b"] });
        Add(new ClientFrame { Type = ClientFrameType.Redirect, Addresses = ["a"] });
        Add(new ClientFrame { Type = ClientFrameType.Sent, Number = 1, Result = CommandResult.Done, Sequence = 5 });
        Add(new ClientFrame { Type = ClientFrameType.Answer, Number = 1, From = new MemberId(new NodeId(1), 2), Result = CommandResult.Partial, Payload = "x"u8 });
        Add(new ClientFrame { Type = ClientFrameType.QueryEnd, Number = 1, Result = CommandResult.TimedOut, Payload = "late"u8 });
        Add(new ClientFrame { Type = ClientFrameType.View, Group = "g", Epoch = 1, Number = 2, Sequence = 3, Members = [new ClusterMember(new MemberId(new NodeId(1), 2), "n", "a", MemberRole.Voter, 1)] });
        Add(new ClientFrame { Type = ClientFrameType.Refused, Payload = "why"u8 });
        return all;

        void Add(in ClientFrame frame)
        {
            var queue = new ByteQueue();
            frame.Write(queue);
            all.Add(queue.ToArray()[4..]);
        }
    }

    private static List<byte[]> TableBytes()
    {
        var world = new LayerWorld().With(3);
        foreach (var node in world.Nodes)
        {
            node.Do(new JoinGroup([new GroupJoin("a", GroupStateKind.Persistent), new GroupJoin("b"), new GroupJoin("c" + node.Self.Node)]));
            node.Do(new AcquireLock("l"));
            node.Do(new AcquireLock("own " + node.Self.Node));
        }

        world.RunFor(500);
        world.Nodes[0].Do(new WriteDictionary(1, "key", new byte[] { 1, 2 }));
        var output = world.Nodes[0].ConnectClient(1);
        world.Nodes[0].Layer.ClientFrame(1, ClientFrames()[0]);
        var send = new ByteQueue();
        new ClientFrame { Type = ClientFrameType.Send, Number = 1, Delivery = Delivery.Safe, Group = "a", Payload = "x"u8 }.Write(send);
        world.Nodes[0].Layer.ClientFrame(1, send.ToArray().AsSpan(4));
        world.Run();
        Assert.False(output.IsEmpty);
        var full = new LayerWriter();
        world.Nodes[0].Layer.Tables.Write(full);
        var empty = new LayerWriter();
        new SharedTables().Write(empty);
        return [full.Written.ToArray(), empty.Written.ToArray()];
    }

    private static List<byte[]> CheckpointRecords()
    {
        List<byte[]> all = [];
        Add(CheckpointRecord.Tables("x"u8));
        Add(CheckpointRecord.OfGroup(3, true, "x"u8));
        Add(CheckpointRecord.End);
        Add(CheckpointRecord.Begin);
        Add(CheckpointRecord.Waiting(3, hasPieces: true));
        Add(CheckpointRecord.OfMessage(3, new RecoveredMessage(GroupDeliveryKind.Query, 300, 2, Delivery.Safe, new MemberId(new NodeId(1), 2), [7])));
        return all;

        void Add(in CheckpointRecord record)
        {
            var bytes = new LayerWriter();
            record.Write(bytes);
            all.Add(bytes.Written.ToArray());
        }
    }
}
