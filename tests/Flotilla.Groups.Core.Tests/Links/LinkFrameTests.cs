using System.Buffers;
using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Core.Tests.Links;

public sealed class LinkFrameTests
{
    private static readonly LinkReport[] Reports =
    [
        new(new NodeId(3), 1, 200) { AgeMs = 0 },
        new(new NodeId(9), 300, 1UL << 63) { AgeMs = -1, OverTo = 299 },
        new(new NodeId(ulong.MaxValue), uint.MaxValue, ulong.MaxValue) { AgeMs = LinkReport.MaxAgeMs, OverTo = uint.MaxValue, HasLeft = true },
    ];

    [Fact]
    public void AHeartbeatIsReadAsItWasWritten()
    {
        var body = Heartbeat();
        Assert.True(HeartbeatFrame.TryRead(body, out var frame));
        Assert.Equal((7u, 1UL << 40, 5UL, 3), (frame.Incarnation, frame.Counter, frame.Epoch, frame.ReportCount));
        List<LinkReport> read = [];
        foreach (var report in frame)
            read.Add(report);
        Assert.Equal(Reports, read);
        Assert.True(frame.Payload.SequenceEqual("rest"u8));
    }

    [Fact]
    public void AHeartbeatHasTheseBytes()
    {
        var writer = new ArrayBufferWriter<byte>();
        HeartbeatFrame.WriteHeader(writer, 2, 300, 4, 1);
        HeartbeatFrame.WriteReport(writer, new LinkReport(new NodeId(0x1122), 1, 300) { OverTo = 1, HasLeft = true, AgeMs = 49 });
        Assert.Equal(
            "02000000" + "2C01000000000000" + "0400000000000000" + "01" + "2211000000000000" + "01" + "AC02" + "03" + "32",
            Convert.ToHexString(writer.WrittenSpan));
    }

    [Fact]
    public void EveryPrefixOfAHeartbeatIsRefusedOrHasAShorterPayload()
    {
        var body = Heartbeat();
        for (var length = 0; length < body.Length - 4; length++)
            Assert.False(HeartbeatFrame.TryRead(body.AsSpan(0, length), out _), $"{length} bytes");
        Assert.True(HeartbeatFrame.TryRead(body.AsSpan(0, body.Length - 4), out var frame));
        Assert.True(frame.Payload.IsEmpty);
    }

    [Fact]
    public void NodesOutOfOrderNoIncarnationAndTooManyReportsAreRefused()
    {
        var writer = new ArrayBufferWriter<byte>();
        HeartbeatFrame.WriteHeader(writer, 1, 1, 0, 2);
        HeartbeatFrame.WriteReport(writer, Reports[1]);
        HeartbeatFrame.WriteReport(writer, Reports[0]);
        Assert.False(HeartbeatFrame.TryRead(writer.WrittenSpan, out _));
        writer.ResetWrittenCount();
        HeartbeatFrame.WriteHeader(writer, 0, 1, 0, 0);
        Assert.False(HeartbeatFrame.TryRead(writer.WrittenSpan, out _));
        writer.ResetWrittenCount();
        HeartbeatFrame.WriteHeader(writer, 1, 1, 0, HeartbeatFrame.MaxReports + 1);
        Assert.False(HeartbeatFrame.TryRead(writer.WrittenSpan, out _));
    }

    [Fact]
    public void AGoodbyeIsReadAsItWasWrittenAndAtNoOtherLength()
    {
        var body = new byte[GoodbyeFrame.SizeBytes + 1];
        GoodbyeFrame.Write(body, 0x01020304);
        Assert.True(GoodbyeFrame.TryRead(body.AsSpan(0, 4), out var incarnation));
        Assert.Equal(0x01020304u, incarnation);
        foreach (var length in new[] { 0, 1, 2, 3, 5 })
            Assert.False(GoodbyeFrame.TryRead(body.AsSpan(0, length), out _));
        Assert.False(GoodbyeFrame.TryRead([0, 0, 0, 0], out _));
    }

    [Fact]
    public void ARelayedFrameIsReadAsItWasWritten()
    {
        var queue = new ByteQueue();
        RelayFrame.Write(queue, new NodeId(1), new NodeId(2), FrameType.Direct, "abc"u8);
        var frame = queue.ToArray();
        Assert.Equal(frame.Length - 4, BitConverter.ToInt32(frame));
        Assert.Equal((byte)FrameType.Relay, frame[4]);
        Assert.True(RelayFrame.TryRead(frame.AsSpan(5), out var origin, out var destination, out var type, out var body));
        Assert.Equal((new NodeId(1), new NodeId(2), FrameType.Direct), (origin, destination, type));
        Assert.True(body.SequenceEqual("abc"u8));
        for (var length = 0; length < RelayFrame.OverheadBytes; length++)
            Assert.False(RelayFrame.TryRead(frame.AsSpan(5, length), out _, out _, out _, out _));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(127UL)]
    [InlineData(128UL)]
    [InlineData(ulong.MaxValue)]
    public void NumbersAreReadAsTheyWereWrittenAndOnlyInTheShortestForm(ulong value)
    {
        var bytes = new byte[Varint.MaxSizeBytes];
        var length = Varint.Write(bytes, value);
        ReadOnlySpan<byte> rest = bytes.AsSpan(0, length);
        Assert.True(Varint.TryRead(ref rest, out ulong read));
        Assert.Equal(value, read);
        Assert.True(rest.IsEmpty);
        for (var shorter = 0; shorter < length; shorter++)
        {
            rest = bytes.AsSpan(0, shorter);
            Assert.False(Varint.TryRead(ref rest, out ulong _));
        }

        rest = new byte[] { 0x80, 0x00 };
        Assert.False(Varint.TryRead(ref rest, out ulong _));
        rest = new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
        Assert.False(Varint.TryRead(ref rest, out ulong _));
    }

    [Fact]
    public void NoBytesMakeALinkMonitorThrow()
    {
        var world = new LinkWorld(3);
        byte[] relayed = [(byte)FrameType.Relay, .. BitConverter.GetBytes(world.Nodes[0].Id.Node.Value),
            .. BitConverter.GetBytes(world.Nodes[1].Id.Node.Value), (byte)FrameType.Heartbeat, .. Heartbeat()];
        byte[][] seeds = [[(byte)FrameType.Heartbeat, .. Heartbeat()], [(byte)FrameType.Goodbye, 1, 0, 0, 0], relayed];
        Fuzzer.Run("link frames", seeds, input => world.Nodes[1].TakeBytes(world.Nodes[0], input), new FuzzOptions { Inputs = 100_000, MaxInputBytes = 512 });
    }

    private static byte[] Heartbeat()
    {
        var writer = new ArrayBufferWriter<byte>();
        HeartbeatFrame.WriteHeader(writer, 7, 1UL << 40, 5, Reports.Length);
        foreach (var report in Reports)
            HeartbeatFrame.WriteReport(writer, report);
        writer.Write("rest"u8);
        return writer.WrittenSpan.ToArray();
    }
}
