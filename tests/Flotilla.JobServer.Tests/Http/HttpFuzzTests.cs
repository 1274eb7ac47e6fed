using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Http;
using Flotilla.JobServer.Sessions;
using Flotilla.Primitives;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.JobServer.Tests.Http;

public sealed class HttpFuzzTests
{
    private static readonly HttpFrontOptions Options = new() { MaxBodyBytes = 1000, MaxHeadBytes = 2048 };

    private static IReadOnlyList<byte[]> Seeds =>
    [
        .. HttpSmugglingTests.Tricks.Select(trick => Encoding.Latin1.GetBytes(trick.Data.Item2)),
        "POST /reverse HTTP/1.1\nContent-Length: 12\n\nHello World!"u8.ToArray(),
        "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nbbHEAD /c%20d?e HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"u8.ToArray(),
        "PUT /f HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\nGET /g HTTP/1.1\r\n\r\n"u8.ToArray(),
        "POST /f HTTP/1.1\r\nX-Gearman-Unique: u\r\nX-Gearman-Background: true\r\nX-Gearman-Priority: low\r\nAuthorization: Bearer s\r\n\r\n"u8.ToArray(),
    ];

    /// <summary>However bytes are cut into pieces, the same jobs are submitted and the same answers given.</summary>
    [Fact]
    [Trait("tier", "full")]
    public void TheFrontReadsTheSameWhateverThePieces()
        => Fuzzer.Run("http-front", Seeds, input =>
        {
            var whole = Play(input, input.Length);
            var pieces = Play(input, 1 + input.Length % 7);
            Assert.Equal(whole, pieces);
        });

    /// <summary>What the machine could never send must not break the front either: it is the server's own bug then, and stays one connection's.</summary>
    [Fact]
    [Trait("tier", "full")]
    public void TheChunkDecoderTakesNoMoreThanItIsAllowed()
        => Fuzzer.Run("http-chunks", Seeds, input =>
        {
            var decoder = default(ChunkedDecoder);
            var body = new RequestBody(new BodyBudget(long.MaxValue));
            Assert.True(body.TryStart("f"u8, default));
            var outcome = decoder.Take(input, body, 500);
            Assert.InRange(outcome.UsedBytes, 0, input.Length);
            Assert.InRange(body.WorkloadBytes, 0, 500);
            body.Release();
        }, new FuzzOptions { Budget = TimeSpan.FromSeconds(5) });

    private static ulong Play(ReadOnlySpan<byte> input, int pieceBytes)
    {
        var host = new EchoHost();
        var session = new HttpSession(Options, new BodyBudget(long.MaxValue));
        var (from, to) = (0, 0);
        while (to < input.Length && !host.IsClosed)
        {
            to = Math.Min(input.Length, to + pieceBytes);
            while (from < to && !host.IsClosed)
            {
                var used = session.Receive(input[from..to], host);
                Assert.InRange(used, 0, to - from);
                session.Translate(host.Packets, host.Output, host);
                if (used == 0)
                    break;
                from += used;
            }
        }

        Assert.True(host.IsClosed || session.AcceptsInput);
        Assert.True(host.Packets.IsEmpty);
        host.Output.Clear();
        return host.Hash;
    }

    /// <summary>Completes every job at once with its own workload.</summary>
    private sealed class EchoHost : ISessionHost
    {
        private int _jobs;

        public ulong Hash { get; private set; } = 14695981039346656037UL;

        public bool IsClosed { get; private set; }

        public ByteQueue Packets { get; } = new();

        public ByteQueue Output { get; } = new();

        public long NowMs => 784_111_777_000;

        public void Packet(PacketMagic magic, PacketType type, ReadOnlySpan<byte> body)
        {
            Mix([(byte)type]);
            Mix(body);
            if (type == PacketType.GetStatus)
            {
                PacketWriter.Write(Packets, PacketMagic.Response, PacketType.StatusRes, body, "0\00\00\00"u8);
                return;
            }

            if (type == PacketType.OptionReq)
            {
                PacketWriter.Write(Packets, PacketMagic.Response, PacketType.OptionRes, body);
                return;
            }

            var arguments = new PacketArguments(body);
            Assert.True(arguments.TryNext(out var function));
            Assert.False(function.IsEmpty);
            Assert.True(arguments.TryNext(out _));
            Span<byte> handle = [(byte)'H', (byte)('0' + _jobs++ % 10)];
            PacketWriter.Write(Packets, PacketMagic.Response, PacketType.JobCreated, handle);
            if (type is PacketType.SubmitJobBg or PacketType.SubmitJobHighBg or PacketType.SubmitJobLowBg)
                return;
            PacketWriter.Write(Packets, PacketMagic.Response, PacketType.WorkWarning, handle, "w"u8);
            PacketWriter.Write(Packets, PacketMagic.Response, PacketType.WorkData, handle, function);
            PacketWriter.Write(Packets, PacketMagic.Response, PacketType.WorkComplete, handle, arguments.Last);
        }

        public void Line(ReadOnlySpan<byte> line) => Assert.Fail("the front sends no lines");

        public void Close(string? why)
        {
            Assert.False(IsClosed);
            IsClosed = true;
            Mix(Encoding.ASCII.GetBytes(why ?? ""));
        }

        private void Mix(ReadOnlySpan<byte> bytes)
        {
            foreach (var value in bytes)
                Hash = (Hash ^ value) * 1099511628211UL;
        }
    }
}
