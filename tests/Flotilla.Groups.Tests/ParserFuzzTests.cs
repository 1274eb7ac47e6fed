using System.Text;
using Flotilla.Groups.Core;
using Flotilla.Groups.Storage;
using Flotilla.Groups.Tests.Api;
using Flotilla.Groups.Tests.Storage;
using Flotilla.Primitives;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Tests;

/// <summary>The runtime's own parsers; those of the connection are fuzzed with their tests.</summary>
public sealed class ParserFuzzTests
{
    private static readonly FuzzOptions s_options = new() { Inputs = 200_000, Budget = TimeSpan.FromSeconds(3) };

    private static ClusterStatus Status => new()
    {
        Node = "n\u00e4me",
        Id = new MemberId(new NodeId(3), 4),
        Cluster = new ClusterId(1, 2),
        IsPrimary = true,
        Epoch = 5,
        Sequencer = new NodeId(6),
        Members = [new ClusterMember(new MemberId(new NodeId(3), 4), "a", "h:1", MemberRole.Voter, 1), new ClusterMember(new MemberId(new NodeId(7), 8), "b", "", MemberRole.Learner, 2)],
    };

    [Fact]
    public void AStatusIsReadAsItWasWrittenAndNoPartOfItIs()
    {
        var frame = Frame(Status);
        Assert.True(StatusFrame.TryRead(frame, out var read));
        Assert.Equal(Status.Members, read!.Members);
        Assert.Equal(Status with { Members = read.Members }, read);
        for (var length = 0; length < frame.Length; length++)
            Assert.False(StatusFrame.TryRead(frame.AsSpan(0, length), out _));
        Assert.False(StatusFrame.TryRead([.. frame, 0], out _));
    }

    [Fact]
    public void FuzzedStatusFramesAreReadOrRefused() => Fuzzer.Run(
        "groups-status",
        [Frame(Status), Frame(Status with { Members = [] })],
        input =>
        {
            if (StatusFrame.TryRead(input, out var status) && (!StatusFrame.TryRead(Frame(status!), out var again) || !again!.Members.SequenceEqual(status!.Members)))
                throw new InvalidOperationException("what was read is not what was written");
        },
        s_options);

    [Fact]
    public void FuzzedMessagesAreOfAKnownTypeOrRefusedWithAReason()
    {
        var catalog = TestMessages.Catalog();
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        catalog.Write(new Counted(1, "x"), writer);
        Fuzzer.Run(
            "groups-messages",
            [writer.WrittenSpan.ToArray(), "\u0001s\u0001text"u8.ToArray(), "\u0001b\u0001"u8.ToArray()],
            input =>
            {
                var type = catalog.Read(input, out var version, out _, out var problem);
                if ((type is null) == (problem is null) || (type is not null && version != 1))
                    throw new InvalidOperationException("neither a type nor a reason, or both");
            },
            s_options);
    }

    [Fact]
    public void FuzzedHeadersOfSegmentsAndRecordsAreReadOrRefusedWithAReason()
    {
        using var folder = new TempFolder();
        using (var log = LogFixture.Open(folder.Path))
        {
            log.Append(PersistRecordKind.Entry, 1, "entry 1");
            log.Write(LogFixture.Now);
        }

        var bytes = File.ReadAllBytes(folder.Combine(SegmentFormat.NameOf(1)));
        Fuzzer.Run(
            "groups-headers",
            [bytes, bytes[SegmentFormat.HeaderBytes..]],
            input =>
            {
                if (!SegmentFormat.TryRead(input, 1, 1, out _, out var why) && why.Length == 0)
                    throw new InvalidOperationException("refused without a reason");
                if (RecordHeader.Read(input, out why) is null && why.Length == 0)
                    throw new InvalidOperationException("refused without a reason");
            },
            s_options);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task FuzzedLogsAreReadBackOrRefused()
    {
        using var folder = new TempFolder();
        await LogFixture.MakeAsync(folder.Path);
        var file = folder.Combine(SegmentFormat.NameOf(1));
        Fuzzer.Run(
            "groups-log",
            [await File.ReadAllBytesAsync(file)],
            input =>
            {
                File.WriteAllBytes(file, input);
                try
                {
                    using var log = LogFixture.Open(folder.Path);
                }
                catch (StorageException refused) when (refused.Message.Contains(folder.Path, StringComparison.Ordinal))
                {
                    // It says which file.
                }
            },
            new FuzzOptions { Inputs = 3000, Budget = TimeSpan.FromSeconds(10) });
    }

    [Fact]
    [Trait("tier", "full")]
    public void FuzzedNodeFilesAreReadOrRefused()
    {
        using var folder = new TempFolder();
        LogFixture.Open(folder.Path).Dispose();
        var file = folder.Combine("node");
        Fuzzer.Run(
            "groups-node-file",
            [File.ReadAllBytes(file), Encoding.UTF8.GetBytes("flotilla group node\nformat 1\ndirectory 1\n")],
            input =>
            {
                File.WriteAllBytes(file, input);
                try
                {
                    using var log = LogFixture.Open(folder.Path);
                }
                catch (StorageException)
                {
                    // Refused.
                }
            },
            new FuzzOptions { Inputs = 3000, Budget = TimeSpan.FromSeconds(10) });
    }

    private static byte[] Frame(ClusterStatus status)
    {
        var queue = new ByteQueue();
        StatusFrame.Write(queue, status);
        return queue.ToArray()[4..];
    }
}
