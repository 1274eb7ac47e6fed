using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>The log's frames: what is written is read, each beginning of it is refused, and no bytes break a parser.</summary>
public sealed class LogFrameTests
{
    private static readonly NodeCard Card = new(new MemberId(new NodeId(7), 3), "näme", "host:4740", 2, NeverVotes: true);

    private static readonly Ballot Ballot = new(2, 9, new NodeId(5));

    private static readonly DecidedView View = new(
        new ClusterView
        {
            Cluster = new ClusterId(1, 2), Epoch = 1, StartSequence = 40, Sequencer = new NodeId(5), IsRecovery = true, Past = [new MemberId(new NodeId(5), 4)],
            Members = [Card.AsMember(MemberRole.Learner), new ClusterMember(new MemberId(new NodeId(5), 4), "b", "c", MemberRole.Voter, 1)],
        },
        [0, 77]);

    private static readonly PromiseFrame Promise = new()
    {
        Ballot = Ballot, Flags = PromiseFlags.IsMember, Card = Card, Head = 12, HeadEpoch = 1, KeptFrom = 3, LeaseWaitNs = 4, AcceptedBallot = Ballot, Accepted = View,
    };

    /// <summary>Reads bytes; gives back what the value read is written as, or nothing.</summary>
    private delegate byte[]? Rewriter(ReadOnlySpan<byte> body);

    private static readonly Dictionary<string, (byte[] Example, Rewriter Rewrite)> Frames = new(StringComparer.Ordinal)
    {
        ["submit-ask"] = (Write(new SubmitAskFrame(1, 2, 3).Write), body => SubmitAskFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["ack"] = (Write(new AckFrame { Epoch = 1, Incarnation = 2, ReceivedTo = 9, ReceivedEpoch = 1, WrittenTo = 8, FlushedTo = 7, ClockNs = -5, BeatEchoNs = 6, Flags = AckFlags.Wants }.Write),
            body => AckFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["fetch"] = (Write(new FetchFrame(Ballot, 1, 2, 3).Write), body => FetchFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["probe"] = (Write(new ProbeFrame(1, 2).Write), body => ProbeFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["probe-answer"] = (Write(new ProbeAnswerFrame(1, 2, Supports: true).Write), body => ProbeAnswerFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["prepare"] = (Write(new PrepareFrame(Ballot, View).Write), body => PrepareFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["promise"] = (Write(Promise.Write), body => PromiseFrame.TryRead(body, out var frame) ? Write(frame!.Write) : null),
        ["decline"] = (Write(new DeclineFrame(Ballot, Ballot).Write), body => DeclineFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["accept"] = (Write(new AcceptFrame(Ballot with { Epoch = 1 }, View).Write), body => AcceptFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["accepted"] = (Write(new AcceptedFrame(Ballot, 2).Write), body => AcceptedFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["view-ask"] = (Write(new ViewAskFrame(8).Write), body => ViewAskFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["join"] = (Write(new JoinFrame(new ClusterId(1, 2), 3, Card).Write), body => JoinFrame.TryRead(body, out var frame) ? Write(frame!.Write) : null),
        ["join-refused"] = (Write(new JoinRefusedFrame(3).Write), body => JoinRefusedFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["leave"] = (Write(new LeaveFrame(1, 2, IsUnfit: true).Write), body => LeaveFrame.TryRead(body, out var frame) ? Write(frame.Write) : null),
        ["found"] = (Write(new FoundFrame(Card, ["a", "b"]).Write), body => FoundFrame.TryRead(body, out var frame) ? Write(frame!.Write) : null),
        ["view"] = (Write(builder => ViewCodec.Write(builder.Clear(), View)), RewriteView),
        ["submit"] = (Submit(), body => SubmitFrame.TryRead(body, out _) ? body.ToArray() : null),
        ["append"] = (Append(), body => AppendFrame.TryRead(body, out _) ? body.ToArray() : null),
        ["entries"] = (Entries(), body => EntriesFrame.TryRead(body, out _) ? body.ToArray() : null),
    };

    /// <summary>One of every kind, as nodes send it.</summary>
    internal static IEnumerable<byte[]> Examples => Frames.Select(frame => (byte[])[(byte)TypeOf(frame.Key), .. frame.Value.Example]);

    private static FuzzOptions Some => new() { Inputs = 100_000, Budget = TimeSpan.FromSeconds(4) };

    public static TheoryData<string> Names => [.. Frames.Keys];

    internal static byte[] ExampleOf(string name) => Frames[name].Example;

    [Theory, MemberData(nameof(Names))]
    public void WhatIsWrittenIsRead(string name) => Assert.Equal(Frames[name].Example, Frames[name].Rewrite(Frames[name].Example));

    [Theory, MemberData(nameof(Names))]
    public void ABeginningOfItIsRefusedUnlessItEndsBetweenEntries(string name)
    {
        var (example, rewrite) = Frames[name];
        for (var length = 0; length < example.Length; length++)
        {
            var isWhole = rewrite(example.AsSpan(0, length)) is not null;
            Assert.True(!isWhole || name is "append" or "entries" || (name == "prepare" && length == 20), $"{length} of {example.Length} bytes");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void AByteMoreIsRefused(string name) => Assert.Null(Frames[name].Rewrite([.. Frames[name].Example, 1]));

    [Theory, MemberData(nameof(Names))]
    [Trait("tier", "full")]
    public void NoInputBreaksIt(string name)
    {
        var (example, rewrite) = Frames[name];
        Fuzzer.Run("groups-" + name, [example], input =>
        {
            if (rewrite(input) is { } written)
                Assert.NotNull(rewrite(written));
        }, Some);
    }

    [Fact]
    [Trait("tier", "full")]
    public void NoRecordBreaksTheRecovery()
    {
        byte[][] seeds = [.. Frames.Values.Select(frame => frame.Example).SelectMany(example => Enumerable.Range(1, 8).Select(kind => (byte[])[(byte)kind, .. example]))];
        Fuzzer.Run("groups-records", seeds, input =>
        {
            if (input.IsEmpty)
                return;
            var machine = new NodeMachine(new NodeOptions { Name = "n", Address = "a", RandomSeed = 1 }, (context, log) => new RecordingConsumer(context, log, _ => null));
            try
            {
                machine.Step(NodeInput.Replayed(1, new PersistRecord((PersistRecordKind)input[0], 5, input[1..])), new MemoryNode(new MemoryNet(1, 0), "n", new NodeOptions { Name = "n", Address = "a", RandomSeed = 1 }));
            }
            catch (FormatException)
            {
                // Damaged: refused.
            }
        }, Some);
    }

    private static FrameType TypeOf(string name) => name == "view" ? FrameType.Install : Enum.Parse<FrameType>(name.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    private static byte[] Write(Action<FrameBuilder> write)
    {
        var builder = new FrameBuilder();
        write(builder);
        return builder.Body.ToArray();
    }

    private static byte[]? RewriteView(ReadOnlySpan<byte> body)
    {
        var reader = new FrameReader(body);
        return ViewCodec.Read(ref reader) is { } view && reader.IsComplete ? Write(builder => ViewCodec.Write(builder.Clear(), view)) : null;
    }

    private static byte[] Submit() => Write(builder =>
    {
        SubmitFrame.WriteHeader(builder, 1, 2, 3);
        SubmitFrame.WriteMessage(builder, Delivery.Safe, "one"u8);
        SubmitFrame.WriteMessage(builder, Delivery.Fifo, ""u8);
        SubmitFrame.SetCount(builder, 2);
    });

    private static byte[] Append() => Write(builder =>
    {
        new AppendFrame { Epoch = 2, Before = 4, BeforeEpoch = 1, SafeTo = 3, DurableTo = 2, StableTo = 1, BeatNs = 5, LeaseEchoNs = long.MinValue }.WriteHeader(builder);
        builder.Bytes(TwoEntries());
    });

    private static byte[] Entries() => Write(builder =>
    {
        new EntriesFrame { Ballot = Ballot, Before = 4, BeforeEpoch = 1, KeptFrom = 2 }.WriteHeader(builder);
        builder.Bytes(TwoEntries());
    });

    private static byte[] TwoEntries()
    {
        var log = new EntryLog();
        log.Reset(4, 1);
        log.Append(new EntryHeader(3, 1, 5, LogEntryKind.Message, Delivery.Safe, Card.Id, 8), "abc"u8);
        log.Append(new EntryHeader(0, 2, 6, LogEntryKind.View, Delivery.Ordered, default, 0), []);
        return log.Run(5, 6, 1000, out _).ToArray();
    }
}
