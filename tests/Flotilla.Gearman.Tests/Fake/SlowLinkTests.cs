using System.Net.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Fake;

/// <summary>Payloads that take longer to travel than a request may wait for its answer.</summary>
[Trait("tier", "full")]
public sealed class SlowLinkTests
{
    private const int LargeBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task AClientWaitsForItsAnswerWhileThePayloadLeaves()
    {
        await using var server = FakeServer.Start(NarrowAsync);
        await using var client = new GearmanClient(new GearmanClientOptions
        {
            Servers = [server.Address],
            Resubmit = ResubmitPolicy.Never,
            RequestTimeout = RequestTimeout,
        });
        var handle = client.SubmitBackgroundAsync("f", new byte[LargeBytes]);
        var peer = await server.AcceptClientAsync();
        await ReadSlowlyAsync(peer.Stream, 12 + "f||".Length + LargeBytes);
        await peer.SendAsync(8, "H:fake:1");
        Assert.Equal("H:fake:1", (await handle.WaitAsync(Deadline.Default)).Text);
    }

    [Fact]
    public async Task AClientWaitsForItsAnswerWhileALongResultComesBeforeIt()
    {
        await using var server = FakeServer.Start();
        await using var client = new GearmanClient(new GearmanClientOptions
        {
            Servers = [server.Address],
            Resubmit = ResubmitPolicy.Never,
            RequestTimeout = RequestTimeout,
        });
        var result = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        await peer.SendAsync(8, "H:fake:1");
        var handle = client.SubmitBackgroundAsync("f", default);
        await peer.ExpectAsync(18);
        var packet = FakePeer.Packet(13, "H:fake:1|" + new string('x', 200));
        using var pace = new PeriodicTimer(RequestTimeout / 80);
        foreach (var value in packet)
        {
            await pace.WaitForNextTickAsync();
            await peer.SendRawAsync(new[] { value });
        }

        Assert.Equal(200, (await result.WaitAsync(Deadline.Default)).Text.Length);
        await peer.SendAsync(8, "H:fake:2");
        Assert.Equal("H:fake:2", (await handle.WaitAsync(Deadline.Default)).Text);
    }

    [Fact]
    public async Task AWorkerAsksForTheNextJobBehindALongResult()
    {
        await using var server = FakeServer.Start(NarrowAsync);
        await using var worker = new GearmanWorker(new GearmanWorkerOptions
        {
            Servers = [server.Address],
            MaxConcurrency = 1,
            ClientId = "tester",
            RequestTimeout = RequestTimeout,
        });
        _ = worker.Register("f", static (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[LargeBytes])).StartAsync();
        var peer = await server.AcceptWorkerAsync("f");
        await peer.ExpectAsync(39);
        await peer.SendAsync(11, "H:fake:1|f|");
        await ReadSlowlyAsync(peer.Stream, 12 + "H:fake:1|".Length + LargeBytes);
        await peer.ExpectAsync(39);
        await peer.SendAsync(10);
        await peer.ExpectAsync(4);
    }

    /// <summary>A small window, so that bytes wait at the sender and not in between.</summary>
    private static Task<Stream> NarrowAsync(Socket socket)
    {
        socket.ReceiveBufferSize = 64 * 1024;
        return Task.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>About 5 MB/s for three request timeouts, then the rest at once.</summary>
    private static async Task ReadSlowlyAsync(Stream stream, int count)
    {
        var buffer = new byte[64 * 1024];
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(12));
        var began = TimeProvider.System.GetTimestamp();
        while (count > 0)
        {
            if (TimeProvider.System.GetElapsedTime(began) < 3 * RequestTimeout)
                await pace.WaitForNextTickAsync();
            var received = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, count))).AsTask().WaitAsync(Deadline.Default);
            Assert.True(received > 0, "the other side closed the connection");
            count -= received;
        }
    }
}
