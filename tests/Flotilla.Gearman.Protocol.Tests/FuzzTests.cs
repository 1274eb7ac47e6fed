using System.Text;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Gearman.Protocol.Tests;

/// <summary>
/// A million inputs, or twenty seconds, for every parser. An input that once crashed one is kept in Crashes/NAME and tried in every run.
/// </summary>
public sealed class FuzzTests
{
    private const int BodyLimitBytes = 2048;

    private static readonly Dictionary<string, FuzzTarget> Targets = new(StringComparer.Ordinal)
    {
        ["message-reader"] = ReadMessages,
        ["packets"] = ParsePackets,
        ["admin-request"] = ParseRequest,
        ["admin-answers"] = ParseAnswers,
        ["admin-text"] = EscapeAndUnescape,
        ["numbers"] = ParseNumbers,
    };

    public static TheoryData<string> Names => [.. Targets.Keys];

    public static TheoryData<string, string> KeptCrashes
    {
        get
        {
            var data = new TheoryData<string, string> { { "message-reader", "" } };
            foreach (var name in Targets.Keys)
            {
                foreach (var (file, _) in HexFile.ReadAll(CrashFolder(name)))
                    data.Add(name, file);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Names))]
    [Trait("tier", "full")]
    public void NoInputBreaksIt(string name)
    {
        var report = Fuzzer.Run("gearman-" + name, Seeds(name), Targets[name]);
        Assert.True(report.Inputs > 10_000, $"only {report.Inputs} inputs in {report.Elapsed}");
    }

    [Theory, MemberData(nameof(Names))]
    public void NoSeedBreaksIt(string name)
    {
        foreach (var seed in Seeds(name))
            Targets[name](seed);
    }

    [Theory, MemberData(nameof(KeptCrashes))]
    public void AnInputThatOnceBrokeItDoesSoNoMore(string name, string file)
        => Targets[name](file.Length == 0 ? [] : HexFile.Read(Path.Combine(CrashFolder(name), file)));

    private static string CrashFolder(string name)
        => Repository.Combine("tests", "Flotilla.Gearman.Protocol.Tests", "Crashes", name);

    private static IReadOnlyList<byte[]> Seeds(string name)
    {
        var packets = GoldenPackets.All.Select(packet => packet.Bytes);
        var answers = File.ReadAllLines(Path.Combine(GoldenPackets.Folder, "admin", "answers.txt")).Select(line => line.Split('\t', 2)).ToList();
        return name switch
        {
            "message-reader" => [.. packets, "status\r\n"u8.ToArray(), "show unique jobs\nversion\n"u8.ToArray()],
            "packets" => [.. packets.Select(packet => packet[7..8].Concat(packet[12..]).ToArray())],
            "admin-request" =>
            [
                .. answers.Select(columns => Encoding.ASCII.GetBytes(columns[0])),
                "policy F attempts=3 backoff=500ms dead=keep"u8.ToArray(), "dead retry all F"u8.ToArray(), "show queue F 10"u8.ToArray(),
            ],
            "admin-answers" =>
            [
                .. answers.Where(columns => columns.Length == 2)
                    .SelectMany(columns => columns[1].Split("\\n"))
                    .Select(line => Encoding.ASCII.GetBytes(line.Replace("\\t", "\t", StringComparison.Ordinal))),
                "38 127.0.0.1 me : f1 a\\x20b"u8.ToArray(),
            ],
            "admin-text" => ["App\\Mail\\Send"u8.ToArray(), "a b\tc\n"u8.ToArray(), "\\x20\\x5cx20"u8.ToArray()],
            _ => ["1700000000.250"u8.ToArray(), "18446744073709551615"u8.ToArray(), " -12x"u8.ToArray()],
        };
    }

    private static void ReadMessages(ReadOnlySpan<byte> input)
    {
        var reader = new MessageReader(input, BodyLimitBytes);
        MessageKind kind;
        while ((kind = reader.Read()) is MessageKind.Packet or MessageKind.Line)
        {
            Assert.True(reader.ConsumedBytes <= input.Length);
            if (kind == MessageKind.Packet)
                _ = Rewriter.TryRewrite(SharedOutput(), reader.Magic, reader.Type == (PacketType)5 ? PacketType.Noop : reader.Type, reader.Body, out _);
            else
                Assert.True(reader.Body.IndexOf((byte)'\n') < 0);
        }

        Assert.Equal(kind == MessageKind.Error, reader.Error.Kind != ProtocolErrorKind.None);
        Assert.True(reader.WantedBytes == 0 || kind != MessageKind.NeedMore || reader.WantedBytes > input.Length - reader.ConsumedBytes);
        Assert.True(reader.WantedBytes <= BodyLimitBytes + PacketHeader.SizeBytes);
        ReadInTwoParts(input, reader.ConsumedBytes, kind);
    }

    /// <summary>Wherever the bytes are cut, the same messages are found and the same end.</summary>
    private static void ReadInTwoParts(ReadOnlySpan<byte> input, int consumed, MessageKind end)
    {
        var cut = input.IsEmpty ? 0 : input[input.Length / 2] * input.Length / 256;
        var first = new MessageReader(input[..cut], BodyLimitBytes);
        MessageKind kind;
        while ((kind = first.Read()) is MessageKind.Packet or MessageKind.Line)
        {
        }

        var second = new MessageReader(input[first.ConsumedBytes..], BodyLimitBytes);
        while (kind == MessageKind.NeedMore && (kind = second.Read()) is MessageKind.Packet or MessageKind.Line)
            kind = MessageKind.NeedMore;
        Assert.Equal(end, kind);
        Assert.Equal(consumed, first.ConsumedBytes + second.ConsumedBytes);
    }

    /// <summary>The first byte picks the type, the rest is the body: what is parsed and written is parsed and written the same again.</summary>
    private static void ParsePackets(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        var type = (PacketType)((input[0] % 42) + 1);
        var body = input[1..];
        if (type == (PacketType)5)
            return;
        var output = SharedOutput();
        if (!Rewriter.TryRewrite(output, PacketMagic.Response, type, body, out var error))
        {
            Assert.NotEqual(ProtocolErrorKind.None, error.Kind);
            Assert.InRange(error.OffsetBytes, 0, body.Length);
            return;
        }

        var header = PacketHeader.TryRead(output.Head, out var written) ? written : default;
        Assert.Equal(output.LengthBytes, PacketHeader.SizeBytes + header.BodyLengthBytes);
        var again = new ByteQueue();
        Assert.True(Rewriter.TryRewrite(again, PacketMagic.Response, type, output.Head[PacketHeader.SizeBytes..], out _));
        Assert.True(again.Head.SequenceEqual(output.Head));
        again.Clear();
    }

    private static void ParseRequest(ReadOnlySpan<byte> input)
    {
        var parsed = AdminRequest.TryParse(input, out var request, out var error);
        Assert.Equal(parsed, error.Kind == ProtocolErrorKind.None);
        for (var i = 0; i <= Math.Min(request.ArgumentCount, 20); i++)
        {
            Assert.True(request.Argument(i).IndexOf((byte)' ') < 0);
            Assert.True(request.ArgumentToEnd(i).StartsWith(request.Argument(i)));
        }
    }

    private static void ParseAnswers(ReadOnlySpan<byte> input)
    {
        _ = UniqueRow.Parse(input);
        Assert.Equal(AdminReply.TryParse(input, out var reply, out _), reply is not null);
        Assert.Equal(StatusRow.TryParse(input, out var status, out _), status is not null);
        Assert.Equal(PriorityRow.TryParse(input, out var priority, out _), priority is not null);
        Assert.Equal(JobRow.TryParse(input, out var job, out _), job is not null);
        Assert.Equal(WorkerRow.TryParse(input, out var worker, out _), worker is not null);
    }

    private static void EscapeAndUnescape(ReadOnlySpan<byte> input)
    {
        var output = SharedOutput();
        AdminText.AppendWord(output, input);
        var written = output.ToArray();
        Assert.True(written.AsSpan().IndexOfAnyInRange((byte)0, (byte)' ') < 0);
        Assert.Equal(Encoding.UTF8.GetString(input), AdminText.Unescape(written));
    }

    private static void ParseNumbers(ReadOnlySpan<byte> input)
    {
        var leading = AsciiNumber.Leading(input);
        if (AsciiNumber.TryParse(input, out var value))
            Assert.Equal((long)Math.Min(value, long.MaxValue), leading);
        var body = new byte[input.Length + 5];
        body[1] = body[3] = 0;
        input.CopyTo(body.AsSpan(4));
        if (SubmitJobEpochPacket.TryParse(body, out var epoch, out _) && epoch.TryGetDueMs(out var dueMs))
            Assert.InRange(dueMs, 0, 253_402_300_799_999);
    }

    [ThreadStatic]
    private static ByteQueue? _scratch;

    private static ByteQueue SharedOutput()
    {
        _scratch ??= new ByteQueue();
        _scratch.Clear();
        return _scratch;
    }
}
