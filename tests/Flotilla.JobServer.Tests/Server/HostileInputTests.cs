using Flotilla.Gearman.Protocol;
using Flotilla.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>
/// What a peer sends that it must not: it gets an ERROR or the end of its connection, the operator gets one line, nobody else notices.
/// </summary>
public sealed class HostileInputTests
{
    private const int Megabyte = 1024 * 1024;
    private const uint Request = (uint)PacketMagic.Request;
    private const string LongUnique = "12345678901234567890123456789012345678901234567890123456789012345";

    public static TheoryData<string, byte[]> EndingInputs => new()
    {
        { "wrong magic", RawPeer.Header(0x00414243, 1, 0) },
        { "a packet of type 0", RawPeer.Header(Request, 0, 0) },
        { "a packet of type 43", RawPeer.Header(Request, 43, 0) },
        { "a submit without zero bytes", RawPeer.Packet(PacketType.SubmitJob, "f") },
        { "a submit with one zero byte", RawPeer.Packet(PacketType.SubmitJob, "f", "u") },
        { "a reduce job with three arguments", RawPeer.Packet(PacketType.SubmitReduceJob, "f", "u", "r") },
        { "a line without an end", new byte[9000].Select(_ => (byte)'x').ToArray() },
    };

    public static TheoryData<string, byte[], string> RefusedInputs => new()
    {
        { "a unique key over the limit", RawPeer.Packet(PacketType.SubmitJob, "f", LongUnique, ""), "ARGUMENT_TOO_LARGE" },
        { "a function name over the limit", RawPeer.Packet(PacketType.SubmitJob, new string('f', 513), "", ""), "ARGUMENT_TOO_LARGE" },
        { "a reduce job with a long unique key", RawPeer.Packet(PacketType.SubmitReduceJob, "f", LongUnique, "r", "", ""), "ARGUMENT_TOO_LARGE" },
        { "a packet for clients", RawPeer.Packet(PacketType.JobCreated, "H:x:1"), "INVALID_COMMAND" },
        { "a response", RawPeer.Header((uint)PacketMagic.Response, 1, 0), "INVALID_MAGIC" },
        { "a result for a job of nobody", RawPeer.Packet(PacketType.WorkComplete, "H:x:1", "data"), "JOB_NOT_FOUND" },
    };

    [Theory]
    [MemberData(nameof(EndingInputs))]
    public async Task EndsTheConnectionWithOneLogLine(string what, byte[] input)
    {
        await using var server = await TestServer.StartAsync();
        using var other = server.Connect().CanDo("other");
        using var peer = server.Connect().SendBytes(input);
        Assert.True(peer.IsEnded(), what);
        Assert.Single(server.Log.Warnings);
        other.Send(PacketType.EchoReq, "still here").Read(PacketType.EchoRes);
    }

    [Theory]
    [MemberData(nameof(RefusedInputs))]
    public async Task AnswersWithAnErrorAndGoesOn(string what, byte[] input, string code)
    {
        await using var server = await TestServer.StartAsync();
        using var peer = server.Connect().SendBytes(input);
        var (type, arguments) = peer.Read();
        Assert.True(type == PacketType.Error && arguments[0] == code, $"{what}: {type} {arguments[0]}");
        peer.Send(PacketType.EchoReq, "still here").Read(PacketType.EchoRes);
    }

    [Theory]
    [MemberData(nameof(TestServer.Kinds), MemberType = typeof(TestServer))]
    public async Task PacketsInPiecesAreUnderstood(SocketLoopKind kind, int threads)
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { Sockets = kind, Threads = threads });
        using var peer = server.Connect();
        byte[] all = [.. RawPeer.Packet(PacketType.EchoReq, "one"), .. "version\r\n"u8, .. RawPeer.Packet(PacketType.EchoReq, "two")];
        foreach (var piece in all)
            peer.SendBytes([piece]);
        Assert.Equal("one", peer.Read(PacketType.EchoRes)[0]);
        Assert.StartsWith("OK", peer.ReadText(isList: false), StringComparison.Ordinal);
        Assert.Equal("two", peer.Read(PacketType.EchoRes)[0]);
    }

    [Fact]
    public async Task HalfAPacketAndThenSilenceEndsTheConnection()
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { PartialPacketTimeout = TimeSpan.FromSeconds(1) });
        using var silent = server.Connect().SendBytes(RawPeer.Packet(PacketType.SubmitJob, "f", "", "some data")[..20]);
        using var idle = server.Connect().CanDo("f");
        Assert.True(silent.IsEnded());
        Assert.Single(server.Log.Warnings);
        idle.Send(PacketType.EchoReq, "idle is not silent").Read(PacketType.EchoRes);
    }

    [Fact]
    public async Task AByteNowAndThenIsSilence()
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { PartialPacketTimeout = TimeSpan.FromMilliseconds(500) });
        using var peer = server.Connect().SendBytes(RawPeer.Header(Request, (uint)PacketType.EchoReq, Megabyte));
        using var trickle = new Timer(
            _ =>
            {
                try
                {
                    peer.SendBytes([0]);
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException)
                {
                    // It was ended.
                }
            },
            null,
            TimeSpan.FromMilliseconds(20),
            TimeSpan.FromMilliseconds(20));
        Assert.True(peer.IsEnded());
        Assert.Single(server.Log.Warnings);
    }

    [Theory]
    [InlineData(SocketLoopKind.Epoll)]
    [InlineData(SocketLoopKind.Portable)]
    [Trait("tier", "full")]
    public async Task WhoKeepsAllTheMemoryForPacketsMustSend(SocketLoopKind kind)
    {
        await using var server = await TestServer.StartAsync(
            new JobServerOptions { Sockets = kind, Threads = 1, ReceiveLimitBytes = Megabyte });
        using var greedy = server.Connect().SendBytes(RawPeer.Header(Request, (uint)PacketType.EchoReq, 60 * Megabyte));
        greedy.SendBytes(new byte[2 * Megabyte]);
        using var other = server.Connect();
        var data = new string('x', 2 * Megabyte);
        var ended = Task.Run(greedy.IsEnded);
        do
        {
            // The first of these may come before the greedy one holds the memory.
            other.Send(PacketType.EchoReq, data);
            Assert.Equal(data, other.Read(PacketType.EchoRes)[0]);
        }
        while (!ended.IsCompleted);
        Assert.True(await ended);
        Assert.Contains(nameof(SocketCloseReason.SlowSender), Assert.Single(server.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HalfAPacketAndThenTheEndChangesNothing()
    {
        await using var server = await TestServer.StartAsync();
        var packet = RawPeer.Packet(PacketType.SubmitJobBg, "f", "", "data");
        for (var length = 1; length < packet.Length; length++)
        {
            using var peer = server.Connect().SendBytes(packet.AsSpan(0, length));
            peer.EndOutput();
            Assert.True(peer.IsEnded());
        }

        Assert.Equal(0, server.Host.Snapshot().Jobs);
    }

    [Theory]
    [MemberData(nameof(TestServer.Kinds), MemberType = typeof(TestServer))]
    public async Task B15_AClientThatDoesNotReadIsClosedAtTheLimit(SocketLoopKind kind, int threads)
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions
        {
            Sockets = kind,
            Threads = threads,
            OutputLimitBytes = 4 * Megabyte,
            MaxPacketBytes = 2 * Megabyte,
        });
        using var worker = server.Connect().CanDo("f");
        using var client = server.Connect().Send(PacketType.SubmitJob, "f", "", "");
        var handle = "";
        await Deadline.UntilAsync(
            () =>
            {
                var (type, arguments) = worker.Send(PacketType.GrabJob).Read();
                handle = arguments[0];
                return type == PacketType.JobAssign;
            },
            "the job comes");
        var data = new string('x', Megabyte);
        for (var sent = 0; server.Log.Warnings.Count == 0; sent++)
        {
            Assert.True(sent < 40, "more is buffered than may be");
            worker.Send(PacketType.WorkData, handle, data);
            worker.Send(PacketType.EchoReq, "others go on").Read(PacketType.EchoRes);
        }

        Assert.Single(server.Log.Warnings);
        await Deadline.UntilAsync(() => server.Host.Snapshot().Connections == 1, "it is closed");
    }
}
