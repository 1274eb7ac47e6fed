using System.Text;

namespace Flotilla.Gearman.Protocol.Tests;

public sealed class PacketTests
{
    public static TheoryData<PacketType> Types => [.. Enumerable.Range(1, 42).Where(number => number != 5).Select(number => (PacketType)number)];

    [Theory, MemberData(nameof(Types))]
    public void RandomArgumentsOfEveryTypeSurviveARoundTrip(PacketType type)
    {
        var random = new SeededRandom((ulong)type);
        var info = PacketTypes.Info(type);
        var magic = info.Senders == PacketSenders.Server ? PacketMagic.Response : PacketMagic.Request;
        for (var round = 0; round < 200; round++)
        {
            var arguments = new byte[info.ArgumentCount][];
            for (var i = 0; i < arguments.Length; i++)
                arguments[i] = RandomArgument(random, IsNumber(type, i), last: i == arguments.Length - 1);
            if (type is PacketType.StatusRes or PacketType.StatusResUnique)
                (arguments[1], arguments[2]) = ([(byte)('0' + random.Next(2))], [(byte)('0' + random.Next(2))]);
            if (type is PacketType.JobCreated or PacketType.GetStatus or PacketType.WorkFail)
                arguments[0] = [.. arguments[0], (byte)'1'];
            var written = new ByteQueue();
            PacketWriter.Write(written, magic, type, arguments);
            var rewritten = new ByteQueue();
            Assert.True(Rewriter.TryRewrite(rewritten, magic, type, written.ToArray().AsSpan(PacketHeader.SizeBytes), out var error), error.ToString());
            Assert.Equal(written.ToArray(), rewritten.ToArray());
        }
    }

    [Theory]
    [InlineData(PacketType.SubmitJob, 3)]
    [InlineData(PacketType.SubmitJobSched, 8)]
    [InlineData(PacketType.SubmitJobEpoch, 4)]
    [InlineData(PacketType.SubmitReduceJob, 5)]
    [InlineData(PacketType.WorkComplete, 2)]
    [InlineData(PacketType.StatusRes, 5)]
    [InlineData(PacketType.StatusResUnique, 6)]
    public void AMissingZeroByteIsAnErrorThatNamesTheArgument(PacketType type, int arguments)
    {
        for (var present = 1; present < arguments; present++)
        {
            var body = Encoding.ASCII.GetBytes(string.Join('\0', Enumerable.Repeat("12", present)));
            Assert.False(Rewriter.TryRewrite(new ByteQueue(), PacketMagic.Request, type, body, out var error));
            Assert.Equal(new ProtocolError(ProtocolErrorKind.MissingArgument, present, (present - 1) * 3), error);
        }
    }

    [Fact]
    public void TheReduceJobOfTheProtocolTextIsOneZeroByteShort()
    {
        Assert.False(SubmitReduceJobPacket.TryParse("function\0unique\0reducer\0data"u8, out _, out var error));
        Assert.Equal(4, error.Argument);
    }

    [Theory]
    [InlineData("1\0x\00\00", 3, 2)]
    [InlineData("1\01\0-1\00", 4, 4)]
    [InlineData("1\01\00\018446744073709551616", 5, 6)]
    [InlineData("1\01\00\0", 5, 6)]
    public void AStatusAnswerWithoutNumbersIsAnErrorThatSaysWhere(string numbers, int argument, int offset)
    {
        var body = Encoding.ASCII.GetBytes("H:a:1\0" + numbers);
        Assert.False(StatusResPacket.TryParse(body, out _, out var error));
        Assert.Equal(new ProtocolError(ProtocolErrorKind.NotANumber, argument, offset + 6), error);
    }

    [Theory]
    [InlineData("1700000000", 1_700_000_000_000L)]
    [InlineData("1700000000.250", 1_700_000_000_250L)]
    [InlineData("1700000000.2", 1_700_000_000_200L)]
    [InlineData("1700000000.2509999", 1_700_000_000_250L)]
    [InlineData("0", 0L)]
    [InlineData("000", 0L)]
    [InlineData("0001.5", 1_500L)]
    [InlineData("99999999999999999999999999", 253_402_300_799_000L)]
    [InlineData("253402300800", 253_402_300_799_000L)]
    public void AnEpochIsDecimalSeconds(string epoch, long dueMs)
    {
        Assert.True(SubmitJobEpochPacket.TryParse(Encoding.ASCII.GetBytes($"f\0u\0{epoch}\0data"), out var packet, out _));
        Assert.True(packet.TryGetDueMs(out var parsed));
        Assert.Equal(dueMs, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1 ")]
    [InlineData("1e9")]
    [InlineData("1.2.3")]
    [InlineData("tomorrow")]
    public void AnythingElseIsNoEpoch(string epoch)
    {
        Assert.True(SubmitJobEpochPacket.TryParse(Encoding.ASCII.GetBytes($"f\0u\0{epoch}\0data"), out var packet, out _));
        Assert.False(packet.TryGetDueMs(out _));
    }

    [Theory]
    [InlineData(1_700_000_000_000L, "1700000000")]
    [InlineData(1_700_000_000_007L, "1700000000.007")]
    [InlineData(999L, "0.999")]
    public void AnEpochIsWrittenWithoutAFractionWhereOlderServersMustUnderstandIt(long dueMs, string epoch)
    {
        var output = new ByteQueue();
        SubmitJobEpochPacket.Write(output, "f"u8, "u"u8, dueMs, "d"u8.ToArray());
        Assert.Equal($"f\0u\0{epoch}\0d", Encoding.ASCII.GetString(output.ToArray().AsSpan(12)));
    }

    [Theory]
    [InlineData("1500", 1500L)]
    [InlineData("0", 0L)]
    [InlineData("-1", -1L)]
    [InlineData("soon", 0L)]
    [InlineData("", 0L)]
    [InlineData(" 12x", 12L)]
    [InlineData("99999999999999999999", long.MaxValue)]
    public void ATimeoutIsReadAsCReadsNumbers(string timeout, long expectedMs)
    {
        Assert.True(CanDoTimeoutPacket.TryParse(Encoding.ASCII.GetBytes("f\0" + timeout), out var packet, out _));
        Assert.Equal(expectedMs, packet.TimeoutMs);
    }

    [Fact]
    public void AWorkFailThatStandsForAnExceptionEndsWithAZeroByteThatIsNotPartOfTheHandle()
    {
        Assert.True(HandlePacket.TryParse("H:a:9\0"u8, out var packet, out _));
        Assert.Equal("H:a:9", Encoding.ASCII.GetString(packet.Handle));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(PacketWriter.SharePayloadFromBytes - 1)]
    [InlineData(PacketWriter.SharePayloadFromBytes)]
    [InlineData(100_000)]
    public void APayloadIsTheSameCopiedOrShared(int size)
    {
        var payload = new byte[size];
        new SeededRandom(3).Fill(payload);
        ByteQueue copied = new(), shared = new();
        SubmitJobPacket.Write(copied, PacketType.SubmitJobLow, "f"u8, "u"u8, payload.AsSpan());
        JobAssignPacket.Write(copied, "H:a:1"u8, "f"u8, payload.AsSpan());
        JobAssignUniqPacket.Write(copied, "H:a:1"u8, "f"u8, "u"u8, payload.AsSpan());
        WorkDataPacket.Write(copied, PacketMagic.Response, PacketType.WorkData, "H:a:1"u8, payload.AsSpan());
        SubmitJobPacket.Write(shared, PacketType.SubmitJobLow, "f"u8, "u"u8, payload.AsMemory());
        JobAssignPacket.Write(shared, "H:a:1"u8, "f"u8, payload.AsMemory());
        JobAssignUniqPacket.Write(shared, "H:a:1"u8, "f"u8, "u"u8, payload.AsMemory());
        WorkDataPacket.Write(shared, PacketMagic.Response, PacketType.WorkData, "H:a:1"u8, payload.AsMemory());
        Assert.Equal(copied.ToArray(), shared.ToArray());
        Assert.Equal(size >= PacketWriter.SharePayloadFromBytes, shared.PieceCount > copied.PieceCount);
    }

    [Fact]
    public void WritingAPacketWithTheWrongViewIsOurMistake()
    {
        Assert.Throws<InvariantViolationException>(() => FunctionPacket.Write(new ByteQueue(), PacketType.SubmitJob, "f"u8));
        Assert.Throws<InvariantViolationException>(() => EmptyPacket.Write(new ByteQueue(), PacketType.CanDo));
    }

    private static bool IsNumber(PacketType type, int argument) => type switch
    {
        PacketType.WorkStatus or PacketType.StatusRes or PacketType.StatusResUnique or PacketType.CanDoTimeout => argument > 0,
        PacketType.SubmitJobEpoch => argument == 2,
        _ => false,
    };

    private static byte[] RandomArgument(SeededRandom random, bool number, bool last)
    {
        if (number)
            return Encoding.ASCII.GetBytes(random.Next(1, int.MaxValue).ToString());
        var argument = new byte[random.OneIn(10) ? random.Next(3000) : random.Next(20)];
        random.Fill(argument);
        if (!last)
            argument.AsSpan().Replace((byte)0, (byte)1);
        return argument;
    }
}
