using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Gearman.Protocol.Tests;

public sealed class MessageReaderTests
{
    [Fact]
    public void PacketsAndLinesMayFollowEachOtherFreely()
    {
        var output = new ByteQueue();
        EmptyPacket.Write(output, PacketType.GrabJob);
        output.Append("status\r\nversion\n"u8);
        EchoPacket.Write(output, PacketType.EchoReq, "a\0b"u8);
        output.Append("\n"u8);

        Assert.Equal(["GRAB_JOB:", "line:status", "line:version", "ECHO_REQ:a\0b", "line:"], ReadAll(output.ToArray(), out var error));
        Assert.Equal(default, error);
    }

    [Fact]
    public void MessagesAreTheSameWhereverTheBytesAreCut()
    {
        var output = new ByteQueue();
        foreach (var (_, bytes) in GoldenPackets.All)
        {
            output.Append(bytes);
            output.Append("show unique jobs\r\n"u8);
        }

        var all = output.ToArray();
        var expected = ReadAll(all, out _);
        var random = new SeededRandom(11);
        for (var round = 0; round < 50; round++)
        {
            var messages = new List<string>();
            for (int start = 0, end = 0; end < all.Length;)
            {
                end = Math.Min(all.Length, end + 1 + random.Next(60));
                var reader = new MessageReader(all.AsSpan(start, end - start));
                while (reader.Read() is var kind and (MessageKind.Packet or MessageKind.Line))
                    messages.Add(Describe(kind, reader));
                start += reader.ConsumedBytes;
            }

            Assert.Equal(expected, messages);
        }
    }

    [Fact]
    public void AHeaderThatPromisesMoreThanTheLimitIsRefusedBeforeItsBodyComes()
    {
        var reader = new MessageReader(Header(0x00524551, 7, uint.MaxValue));
        Assert.Equal(MessageKind.Error, reader.Read());
        Assert.Equal(new ProtocolError(ProtocolErrorKind.BodyTooLong, 0, 8, uint.MaxValue), reader.Error);
        Assert.Equal(PacketType.SubmitJob, reader.Type);
        Assert.Equal(0, reader.ConsumedBytes);
    }

    [Theory]
    [InlineData(100, 100, MessageKind.NeedMore)]
    [InlineData(100, 101, MessageKind.Error)]
    [InlineData(0, 0, MessageKind.Packet)]
    [InlineData(0, 1, MessageKind.Error)]
    [InlineData(int.MaxValue - 12, int.MaxValue - 12, MessageKind.NeedMore)]
    public void TheLimitIsTheLongestBodyThatIsFollowed(int limit, uint length, MessageKind expected)
    {
        var reader = new MessageReader(Header(0x00524551, 16, length), limit);
        Assert.Equal(expected, reader.Read());
        Assert.Equal(expected == MessageKind.NeedMore ? (int)length + 12 : 0, reader.WantedBytes);
    }

    [Theory]
    [InlineData(0x00414243, 7, 4, ProtocolErrorKind.UnknownMagic)]
    [InlineData(0x00524551, 0, 8, ProtocolErrorKind.UnknownType)]
    [InlineData(0x00524551, 43, 8, ProtocolErrorKind.UnknownType)]
    [InlineData(0x00524551, uint.MaxValue, 8, ProtocolErrorKind.UnknownType)]
    public void AWrongHeaderIsRefusedAsSoonAsItsWrongPartIsThere(uint magic, uint type, int visibleAt, ProtocolErrorKind expected)
    {
        var header = Header(magic, type, 0);
        for (var length = 0; length <= header.Length; length++)
        {
            var reader = new MessageReader(header.AsSpan(0, length));
            Assert.Equal(length < visibleAt ? MessageKind.NeedMore : MessageKind.Error, reader.Read());
            Assert.Equal(length < visibleAt ? ProtocolErrorKind.None : expected, reader.Error.Kind);
        }
    }

    [Fact]
    public void TheUnusedTypeFiveIsAPacketSoThatTheServerCanRefuseItAndGoOn()
    {
        var reader = new MessageReader(Header(0x00524551, 5, 0));
        Assert.Equal(MessageKind.Packet, reader.Read());
        Assert.False(PacketTypes.ServerAccepts(reader.Type));
    }

    [Theory]
    [InlineData(8190, MessageKind.Line)]
    [InlineData(8191, MessageKind.Line)]
    [InlineData(8192, MessageKind.Error)]
    public void ALineMayHave8191BytesBeforeItsLineFeed(int length, MessageKind expected)
    {
        var line = Encoding.ASCII.GetBytes(new string('a', length) + "\n");
        var reader = new MessageReader(line);
        Assert.Equal(expected, reader.Read());
        var unfinished = new MessageReader(line.AsSpan(0, length));
        Assert.Equal(expected == MessageKind.Error ? MessageKind.Error : MessageKind.NeedMore, unfinished.Read());
    }

    [Theory]
    [InlineData("status\n", "status")]
    [InlineData("status\r\n", "status")]
    [InlineData("status\r\r\n", "status\r")]
    [InlineData("\n", "")]
    [InlineData("\r\n", "")]
    public void OneCarriageReturnBeforeTheLineFeedBelongsToTheLineEnd(string sent, string line)
    {
        Assert.Equal(["line:" + line], ReadAll(Encoding.ASCII.GetBytes(sent), out _));
    }

    [Fact]
    public void ReadingAndParsingAllocatesNothing()
    {
        var output = new ByteQueue();
        for (var i = 0; i < 20; i++)
        {
            SubmitJobPacket.Write(output, PacketType.SubmitJob, "reverse"u8, "u"u8, "payload"u8);
            WorkDataPacket.Write(output, PacketMagic.Request, PacketType.WorkComplete, "H:host:1"u8, "result"u8);
            output.Append("status\r\n"u8);
        }

        var received = output.ToArray();
        var parsed = 0;
        Assert.Equal(0, Allocations.Smallest(() => parsed = CountArguments(received)));
        Assert.Equal(60, parsed);
    }

    private static int CountArguments(ReadOnlySpan<byte> received)
    {
        var parsed = 0;
        var reader = new MessageReader(received);
        while (reader.Read() is var kind and (MessageKind.Packet or MessageKind.Line))
        {
            if (kind == MessageKind.Line)
                parsed += AdminRequest.TryParse(reader.Body, out _, out _) ? 1 : 0;
            else if (reader.Type == PacketType.SubmitJob)
                parsed += SubmitJobPacket.TryParse(reader.Body, out _, out _) ? 1 : 0;
            else
                parsed += WorkDataPacket.TryParse(reader.Body, out _, out _) ? 1 : 0;
        }

        return parsed;
    }

    private static byte[] Header(uint magic, uint type, uint length)
    {
        var header = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(header, magic);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), type);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), length);
        return header;
    }

    private static List<string> ReadAll(ReadOnlySpan<byte> received, out ProtocolError error)
    {
        var messages = new List<string>();
        var reader = new MessageReader(received);
        while (reader.Read() is var kind and (MessageKind.Packet or MessageKind.Line))
            messages.Add(Describe(kind, reader));
        error = reader.Error;
        return messages;
    }

    private static string Describe(MessageKind kind, MessageReader reader)
        => (kind == MessageKind.Line ? "line" : PacketTypes.Name(reader.Type)) + ":" + Encoding.Latin1.GetString(reader.Body);
}
