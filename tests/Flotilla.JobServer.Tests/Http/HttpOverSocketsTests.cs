using System.Net;
using System.Net.Sockets;
using System.Text;
using Flotilla.Gearman;
using Flotilla.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Http;

/// <summary>The front behind real sockets, with a real worker, on both kinds of loop.</summary>
public sealed class HttpOverSocketsTests
{
    [Theory]
    [InlineData(SocketLoopKind.Automatic)]
    [InlineData(SocketLoopKind.Portable)]
    public async Task TheOriginalDemoTypedIntoNetcatWorks(SocketLoopKind kind)
    {
        await using var server = await StartAsync(kind);
        await using var worker = await ReverseWorkerAsync(server);
        using var client = await ConnectAsync(server);
        for (var round = 0; round < 2; round++)
        {
            await client.SendAsync("POST /reverse HTTP/1.1\nContent-Length: 12\n\nHello World!\n"u8.ToArray());
            var answer = await ReadAsync(client, "!dlroW olleH");
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("\r\nX-Gearman-Job-Handle: H:", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SocketLoopKind.Automatic)]
    [InlineData(SocketLoopKind.Portable)]
    public async Task PipelinedRequestsAreAnsweredInOrderThoughTheyComeInOnePiece(SocketLoopKind kind)
    {
        await using var server = await StartAsync(kind);
        await using var worker = await ReverseWorkerAsync(server);
        using var client = await ConnectAsync(server);
        var requests = string.Concat(Enumerable.Range(100, 50).Select(i => $"POST /reverse HTTP/1.1\r\nContent-Length: 3\r\n\r\n{i}"));
        await client.SendAsync(Encoding.ASCII.GetBytes(requests));
        var answers = await ReadAsync(client, "\r\n\r\n941");
        var bodies = answers.Split("\r\n\r\n")[1..].Select(part => part[..3]);
        Assert.Equal(Enumerable.Range(100, 50).Select(i => string.Concat($"{i}".Reverse())), bodies);
    }

    [Fact]
    public async Task AnOrdinaryHttpClientGetsChunksAsTheyCome()
    {
        await using var server = await StartAsync(SocketLoopKind.Automatic);
        var goOn = new TaskCompletionSource();
        await using var worker = new GearmanWorker(GearmanAddress.Tcp((IPEndPoint)server.Endpoints[0]));
        worker.Register("stream", async (job, cancellation) =>
        {
            await job.SendDataAsync("first "u8.ToArray(), cancellation);
            await goOn.Task;
            await job.SendWarningAsync("careful"u8.ToArray(), cancellation);
            await job.SendProgressAsync(1, 2, cancellation);
            return "last"u8.ToArray();
        });
        await worker.StartAsync();
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://{server.Endpoints[1]}/stream"), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        var length = await stream.ReadAsync(buffer);
        Assert.Equal("first ", Encoding.ASCII.GetString(buffer, 0, length));
        goOn.SetResult();
        length = await stream.ReadAtLeastAsync(buffer, 4, throwOnEndOfStream: false);
        Assert.Equal("last", Encoding.ASCII.GetString(buffer, 0, length));
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }

    [Fact]
    public async Task AClientThatLeavesAbandonsItsJob()
    {
        await using var server = await StartAsync(SocketLoopKind.Automatic);
        using (var client = await ConnectAsync(server))
        {
            await client.SendAsync("GET /nobody HTTP/1.1\r\n\r\n"u8.ToArray());
            await Deadline.UntilAsync(() => server.Snapshot().Jobs == 1, "the job");
        }

        await Deadline.UntilAsync(() => server.Snapshot().Jobs == 0, "its end");
    }

    [Fact]
    public async Task AClientThatFallsSilentInsideABodyIsEnded()
    {
        await using var server = await StartAsync(SocketLoopKind.Automatic, TimeSpan.FromMilliseconds(100));
        using var client = await ConnectAsync(server);
        await client.SendAsync("POST /f HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf"u8.ToArray());
        Assert.Equal("", await ReadToEndAsync(client));
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AJobMayTakeLongerThanTheRestOfItsRequestMight()
    {
        await using var server = await StartAsync(SocketLoopKind.Automatic, TimeSpan.FromSeconds(4));
        var goOn = new TaskCompletionSource();
        await using var worker = new GearmanWorker(GearmanAddress.Tcp((IPEndPoint)server.Endpoints[0]));
        worker.Register("slow", async (_, _) =>
        {
            await goOn.Task;
            return "done"u8.ToArray();
        });
        await worker.StartAsync();
        using var client = await ConnectAsync(server);
        await client.SendAsync("POST /slow HTTP/1.1\r\nContent-Length: 4\r\n\r\nha"u8.ToArray());
        await Deadline.UntilAsync(() => server.Snapshot().Connections == 2, "the first half is there");
        await client.SendAsync("lf"u8.ToArray());
        await Deadline.UntilAsync(() => server.Snapshot().RunningJobs == 1, "the job runs");
        using (var halfway = await ConnectAsync(server))
        {
            // Ended for its silence after the other one would have been.
            await halfway.SendAsync("POST /slow HTTP/1.1\r\nContent-Length: 4\r\n\r\nha"u8.ToArray());
            Assert.Equal("", await ReadToEndAsync(halfway));
        }

        goOn.SetResult();
        await ReadAsync(client, "done");
    }

    [Fact]
    public async Task ARefusalIsReadBeforeTheConnectionEndsThoughMoreWasSent()
    {
        await using var server = await StartAsync(SocketLoopKind.Automatic);
        for (var round = 0; round < 20; round++)
        {
            using var client = await ConnectAsync(server);
            await client.SendAsync(Encoding.ASCII.GetBytes("POST /f HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n" + new string('x', 20_000)));
            Assert.StartsWith("HTTP/1.1 400 ", await ReadToEndAsync(client), StringComparison.Ordinal);
        }

        Assert.Equal(0, server.Snapshot().Jobs);
    }

    private static Task<JobServerHost> StartAsync(SocketLoopKind kind, TimeSpan? silence = null) => JobServerHost.StartAsync(new JobServerOptions
    {
        Sockets = kind,
        PartialPacketTimeout = silence ?? TimeSpan.FromMinutes(1),
        Listeners =
        [
            new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) },
            new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Protocol = JobServerProtocol.Http },
        ],
    });

    private static async Task<GearmanWorker> ReverseWorkerAsync(JobServerHost server)
    {
        var worker = new GearmanWorker(GearmanAddress.Tcp((IPEndPoint)server.Endpoints[0]));
        worker.Register("reverse", (job, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes([.. job.Text.Reverse()])));
        await worker.StartAsync();
        return worker;
    }

    private static async Task<Socket> ConnectAsync(JobServerHost server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.Endpoints[1]);
        return client;
    }

    private static async Task<string> ReadAsync(Socket client, string until)
    {
        var text = "";
        var buffer = new byte[64 * 1024];
        using var limit = new CancellationTokenSource(Deadline.Default);
        while (!text.EndsWith(until, StringComparison.Ordinal))
        {
            var length = await client.ReceiveAsync(buffer, limit.Token);
            Assert.NotEqual(0, length);
            text += Encoding.Latin1.GetString(buffer, 0, length);
        }

        return text;
    }

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        var text = "";
        var buffer = new byte[64 * 1024];
        using var limit = new CancellationTokenSource(Deadline.Default);
        while (await client.ReceiveAsync(buffer, limit.Token) is var length and > 0)
            text += Encoding.Latin1.GetString(buffer, 0, length);
        return text;
    }
}
