namespace Flotilla.Gearman.Protocol.Tests;

/// <summary>Against bytes of real peers; where they come from is told in Golden/capture/README.md.</summary>
public sealed class GoldenPacketTests
{
    public static TheoryData<string> Names => GoldenPackets.Names;

    [Fact]
    public void EveryTypeButTheUnusedOneHasGoldenBytes()
    {
        var covered = GoldenPackets.All.Select(packet => ReadOne(packet.Bytes).Type).ToHashSet();
        var missing = Enumerable.Range(1, 42).Where(number => number != 5 && !covered.Contains((PacketType)number));
        Assert.Empty(missing);
    }

    [Theory, MemberData(nameof(Names))]
    public void ItIsNamedAsItsTypeAndSentByWhoMaySendIt(string name)
    {
        var (magic, type, _) = ReadOne(GoldenPackets.Bytes(name));
        var info = PacketTypes.Info(type);
        Assert.StartsWith($"{(int)type:00}-{info.Name}-", name, StringComparison.Ordinal);
        var senders = magic == PacketMagic.Response ? PacketSenders.Server : PacketSenders.Client | PacketSenders.Worker;
        Assert.NotEqual(PacketSenders.Nobody, info.Senders & senders);
    }

    [Theory, MemberData(nameof(Names))]
    public void ItIsParsedAndWrittenAgainByteForByte(string name)
    {
        var golden = GoldenPackets.Bytes(name);
        var (magic, type, body) = ReadOne(golden);
        var output = new ByteQueue();
        Assert.True(Rewriter.TryRewrite(output, magic, type, body, out var error), error.ToString());

        // A WORK_FAIL that stands for an exception has a zero byte after its handle, which is no part of the handle.
        var expected = type == PacketType.WorkFail && golden[^1] == 0 ? [.. golden[..11], (byte)(golden[11] - 1), .. golden[12..^1]] : golden;
        Assert.Equal(expected, output.ToArray());
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryStrictPrefixOfItNeedsMoreBytes(string name)
    {
        var golden = GoldenPackets.Bytes(name);
        for (var length = 0; length < golden.Length; length++)
        {
            var reader = new MessageReader(golden.AsSpan(0, length));
            Assert.Equal(MessageKind.NeedMore, reader.Read());
            Assert.Equal(0, reader.ConsumedBytes);
            var wanted = length == 0 ? 0 : length < PacketHeader.SizeBytes ? PacketHeader.SizeBytes : golden.Length;
            Assert.Equal(wanted, reader.WantedBytes);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryStrictPrefixOfItsBodyIsParsedOrRefusedWithoutAnException(string name)
    {
        var (magic, type, body) = ReadOne(GoldenPackets.Bytes(name));
        var zeros = PacketTypes.Info(type).ArgumentCount - 1;
        for (var length = 0; length < body.Length; length++)
        {
            var prefix = body.AsSpan(0, length);
            var parsed = Rewriter.TryRewrite(new ByteQueue(), magic, type, prefix, out var error);
            Assert.NotEqual(parsed, error.Kind != ProtocolErrorKind.None);
            if (prefix.Count((byte)0) < zeros)
            {
                Assert.Equal(ProtocolErrorKind.MissingArgument, error.Kind);
                Assert.Equal(prefix.Count((byte)0) + 1, error.Argument);
            }
        }
    }

    private static (PacketMagic Magic, PacketType Type, byte[] Body) ReadOne(byte[] bytes)
    {
        var reader = new MessageReader(bytes);
        Assert.Equal(MessageKind.Packet, reader.Read());
        Assert.Equal(bytes.Length, reader.ConsumedBytes);
        return (reader.Magic, reader.Type, reader.Body.ToArray());
    }
}
