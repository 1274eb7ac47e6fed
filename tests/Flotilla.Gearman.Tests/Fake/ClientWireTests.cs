using System.Text;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Fake;

/// <summary>What a client says, byte for byte, and what it makes of servers that break off, lie or fall silent.</summary>
public sealed class ClientWireTests
{
    [Fact]
    public async Task EachKindOfSubmitHasItsPacket()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server);
        var request = new JobRequest("f", "data"u8.ToArray()) { Unique = "u" };
        var submits = new List<(uint Type, string Body, Func<Task> Act)>
        {
            (18, "f|u|data", () => client.SubmitBackgroundAsync(request)),
            (32, "f|u|data", () => client.SubmitBackgroundAsync(request with { Priority = JobPriority.High })),
            (34, "f|u|data", () => client.SubmitBackgroundAsync(request with { Priority = JobPriority.Low })),
            (38, "f|u|r||data", () => client.SubmitBackgroundAsync(request with { Reducer = "r" })),
            (36, "f|u|1700000000|data", () => client.ScheduleAsync(request, DateTimeOffset.FromUnixTimeSeconds(1700000000))),
            (36, "f|u|1700000000.250|data", () => client.ScheduleAsync(request, DateTimeOffset.FromUnixTimeMilliseconds(1700000000250))),
            (35, "f|u|*/5|1-3|*|*|0,6|data", () => client.ScheduleAsync(request, CronSchedule.Parse("*/5 1-3 * * 0,6"))),
        };
        FakePeer? peer = null;
        foreach (var (type, body, act) in submits)
        {
            var submitted = act();
            peer ??= await server.AcceptClientAsync();
            await peer.ExpectAsync(type, body);
            await peer.SendAsync(8, "H:fake:1");
            await submitted.WaitAsync(Deadline.Default);
        }

        foreach (var (type, change) in (ReadOnlySpan<(uint, Func<JobRequest, JobRequest>)>)
            [(7, r => r), (21, r => r with { Priority = JobPriority.High }), (33, r => r with { Priority = JobPriority.Low })])
        {
            Check(type, change(request), "f|u|data");
        }

        Check(37, request with { Reducer = "r" }, "f|u|r||data");

        void Check(uint type, JobRequest foreground, string body)
        {
            var submitted = client.SubmitAsync(foreground);
            peer!.ExpectAsync(type, body).Wait(Deadline.Default);
            peer.SendAsync(8, "H:fake:2").Wait(Deadline.Default);
            peer.SendAsync(13, "H:fake:2|ok").Wait(Deadline.Default);
            Assert.Equal("ok", submitted.WaitAsync(Deadline.Default).Result.Text);
        }
    }

    [Fact]
    public async Task QuestionsHaveTheirPackets()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server);
        var status = client.GetStatusAsync(new JobHandle("H:x:1"));
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(15, "H:x:1");
        await peer.SendAsync(20, "H:x:1|1|1|5|10");
        Assert.Equal(new JobStatus(true, true, new JobProgress(5, 10), null), await status.WaitAsync(Deadline.Default));
        var unique = client.GetStatusByUniqueAsync("u");
        await peer.ExpectAsync(41, "u");
        await peer.SendAsync(42, "u|1|0|0.5|1|3");
        Assert.Equal(new JobStatus(true, false, new JobProgress(0, 1), 3), await unique.WaitAsync(Deadline.Default));
        var cancelled = client.CancelAsync(new JobHandle("H:x:1"));
        Assert.Equal("cancel job H:x:1\r\n", await peer.ExpectLineAsync());
        await peer.SendRawAsync("OK\r\n"u8.ToArray());
        Assert.True(await cancelled.WaitAsync(Deadline.Default));
    }

    [Theory]
    [InlineData(15u, 20u, "H:x:1|1|1|5|10")]
    [InlineData(41u, 42u, "H:x:1|1|1|5|10|1")]
    [InlineData(0u, 0u, "")]
    public async Task AQuestionToAllServersOutlivesOneThatDies(uint question, uint answer, string body)
    {
        await using var dying = FakeServer.Start();
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with
        {
            Servers = [dying.Address, server.Address],
            ConnectTimeout = Deadline.Default,
        });
        var known = AskAsync();
        // Both are connected to at once: the first has not answered yet.
        var first = await dying.AcceptPeerAsync();
        var second = await server.AcceptClientAsync();
        await first.ExpectAsync(26);
        await first.SendAsync(27, "exceptions");
        await ExpectQuestionAsync(first);
        await first.DisposeAsync();
        await ExpectQuestionAsync(second);
        await second.SendRawAsync(answer == 0 ? "OK\r\n"u8.ToArray() : FakePeer.Packet(answer, body));
        Assert.True(await known.WaitAsync(Deadline.Default));

        async Task<bool> AskAsync() => question switch
        {
            15 => (await client.GetStatusAsync(new JobHandle("H:x:1"))).IsKnown,
            41 => (await client.GetStatusByUniqueAsync("H:x:1")).IsKnown,
            _ => await client.CancelAsync(new JobHandle("H:x:1")),
        };

        async Task ExpectQuestionAsync(FakePeer peer)
        {
            if (question == 0)
                Assert.Equal("cancel job H:x:1\r\n", await peer.ExpectLineAsync());
            else
                await peer.ExpectAsync(question, "H:x:1");
        }
    }

    [Fact]
    public async Task ALostServerIsToldWhenNoOtherKnowsTheJob()
    {
        await using var dying = FakeServer.Start();
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { Servers = [dying.Address, server.Address] });
        var cancelled = client.CancelAsync(new JobHandle("H:x:1"));
        var first = await dying.AcceptClientAsync();
        var second = await server.AcceptClientAsync();
        await first.ExpectLineAsync();
        await first.DisposeAsync();
        await second.ExpectLineAsync();
        await second.SendRawAsync("ERR UNKNOWN_JOB no+such+job\r\n"u8.ToArray());
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => cancelled.WaitAsync(Deadline.Default));
        Assert.Equal(dying.Address, lost.Server);
    }

    [Fact]
    public async Task AnswersMayComeByteByByte()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server);
        var result = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        byte[] answers =
        [
            .. FakePeer.Packet(8, "H:fake:1"), .. FakePeer.Packet(28, "H:fake:1|part"), .. FakePeer.Packet(12, "H:fake:1|1|2"),
            .. FakePeer.Packet(29, "H:fake:1|warn"), .. FakePeer.Packet(13, "H:fake:1|whole"),
        ];
        foreach (var value in answers)
            await peer.SendRawAsync(new[] { value });
        var done = await result.WaitAsync(Deadline.Default);
        Assert.Equal("partwhole", Encoding.UTF8.GetString(done.Concatenate().Span));
    }

    [Fact]
    public async Task ALargeResultMayComeInPieces()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server);
        var result = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        var text = new string('x', 300_000);
        byte[] answers = [.. FakePeer.Packet(8, "H:fake:1"), .. FakePeer.Packet(13, "H:fake:1|" + text), .. FakePeer.Packet(8, "H:fake:2")];
        var second = client.SubmitBackgroundAsync("f", default);
        for (var at = 0; at < answers.Length; at += 70_001)
            await peer.SendRawAsync(answers.AsMemory(at, Math.Min(70_001, answers.Length - at)));
        Assert.Equal(text, (await result.WaitAsync(Deadline.Default)).Text);
        Assert.Equal("H:fake:2", (await second.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ALostConnectionSaysWhetherTheJobWasAccepted(bool accepted)
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { Resubmit = ResubmitPolicy.Never });
        var result = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        await peer.SendRawAsync(accepted ? FakePeer.Packet(8, "H:fake:1") : FakePeer.Packet(8, "H:fake:1")[..15]);
        await peer.DisposeAsync();
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => result.WaitAsync(Deadline.Default));
        Assert.Equal(accepted, lost.WasAccepted);
    }

    [Fact]
    public async Task AJobNotYetAcceptedIsSubmittedAgain()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server);
        var result = client.SubmitAsync("f", "x"u8.ToArray());
        var first = await server.AcceptClientAsync();
        await first.ExpectAsync(7, "f||x");
        await first.DisposeAsync();
        var second = await server.AcceptClientAsync();
        await second.ExpectAsync(7, "f||x");
        await second.SendAsync(8, "H:fake:1");
        await second.SendAsync(13, "H:fake:1|done");
        Assert.Equal("done", (await result.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [InlineData("a packet of 4294967295 bytes", new byte[] { 0, (byte)'R', (byte)'E', (byte)'S', 0, 0, 0, 13, 255, 255, 255, 255 })]
    [InlineData("magic 00524551", new byte[] { 0, (byte)'R', (byte)'E', (byte)'Q', 0, 0, 0, 8, 0, 0, 0, 0 })]
    [InlineData("packet type 77", new byte[] { 0, (byte)'R', (byte)'E', (byte)'S', 0, 0, 0, 77, 0, 0, 0, 0 })]
    [InlineData("Noop was sent to a client", new byte[] { 0, (byte)'R', (byte)'E', (byte)'S', 0, 0, 0, 6, 0, 0, 0, 0 })]
    [InlineData("StatusRes where JOB_CREATED must answer", new byte[] { 0, (byte)'R', (byte)'E', (byte)'S', 0, 0, 0, 20, 0, 0, 0, 0 })]
    [InlineData("WorkData without a handle", new byte[] { 0, (byte)'R', (byte)'E', (byte)'S', 0, 0, 0, 28, 0, 0, 0, 1, 65 })]
    [InlineData("a text line where a packet must answer", new byte[] { (byte)'O', (byte)'K', (byte)'\n' })]
    public async Task AServerThatLiesIsLeft(string reason, byte[] lie)
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { Resubmit = ResubmitPolicy.Never });
        var result = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        await peer.SendRawAsync(lie);
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => result.WaitAsync(Deadline.Default));
        Assert.Contains(reason, Assert.IsType<GearmanProtocolException>(lost.InnerException).Message);
        await peer.ExpectEndAsync();
    }

    [Fact]
    public async Task AMissingAnswerEndsTheConnection()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(
            server, options => options with { Resubmit = ResubmitPolicy.Never, RequestTimeout = TimeSpan.FromMilliseconds(100) });
        var result = client.SubmitBackgroundAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(18);
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => result.WaitAsync(Deadline.Default));
        Assert.IsType<GearmanTimeoutException>(lost.InnerException);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task ASilentServerIsAskedForAnEchoAndLeftWhenItDoesNotAnswer()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with
        {
            KeepAliveInterval = TimeSpan.FromMilliseconds(50),
            RequestTimeout = TimeSpan.FromSeconds(3),
        });
        var job = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        await peer.SendAsync(8, "H:fake:1");
        await peer.ExpectAsync(16, "keep-alive");
        await peer.SendAsync(17, "keep-alive");
        await peer.ExpectAsync(16, "keep-alive");
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => job.WaitAsync(Deadline.Default));
        Assert.True(lost.WasAccepted);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AServerThatAcceptsButNeverSpeaksIsPassedOver()
    {
        await using var silent = FakeServer.Start();
        await using var server = FakeServer.Start();
        await using var client = Client(silent, options => options with
        {
            Servers = [silent.Address, server.Address],
            ConnectTimeout = TimeSpan.FromSeconds(3),
        });
        var echo = client.EchoAsync("x"u8.ToArray());
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(16, "x");
        await peer.SendAsync(17, "x");
        await echo.WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task TheSecretGoesFirstAndARefusalIsTold()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { Secret = "s3cret", FailoverTimeout = TimeSpan.Zero });
        var echo = client.EchoAsync("x"u8.ToArray());
        var peer = await server.AcceptPeerAsync();
        await peer.ExpectAsync(26, "auth:s3cret");
        await peer.ExpectAsync(26, "exceptions");
        await peer.SendAsync(19, "NOT_AUTHORIZED|wrong secret");
        var nobody = await Assert.ThrowsAsync<NoServerException>(() => echo.WaitAsync(Deadline.Default));
        Assert.Equal("NOT_AUTHORIZED", Assert.IsType<GearmanServerException>(Assert.Single(nobody.Reasons)).Code);
    }

    [Fact]
    public async Task AJobThatFloodsItsReaderIsGivenUpAndOthersGoOn()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { MaxJobBufferBytes = 4096 });
        var flooded = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        var other = client.SubmitAsync("f", default);
        await peer.ExpectAsync(7);
        await peer.SendAsync(8, "H:fake:1");
        await peer.SendAsync(8, "H:fake:2");
        for (var i = 0; i < 5; i++)
            await peer.SendAsync(28, "H:fake:1|" + new string('x', 1000));
        await peer.SendAsync(13, "H:fake:2|fine");
        await Assert.ThrowsAsync<JobBufferOverflowException>(() => flooded.WaitAsync(Deadline.Default));
        Assert.Equal("fine", (await other.WaitAsync(Deadline.Default)).Text);
    }

    [Theory]
    [InlineData(28u, false)]
    [InlineData(28u, true)]
    [InlineData(29u, true)]
    public async Task EmptyUpdatesCountToo(uint type, bool streaming)
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { MaxJobBufferBytes = 4096 });
        var started = streaming ? client.StartAsync(new JobRequest("f", default)) : null;
        var flooded = started is null ? client.SubmitAsync("f", default) : EndAsync(started);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        await peer.SendAsync(8, "H:fake:1");
        for (var i = 0; i < 100; i++)
            await peer.SendAsync(type, "H:fake:1|");
        await peer.SendAsync(13, "H:fake:1|done");
        await Assert.ThrowsAsync<JobBufferOverflowException>(() => flooded.WaitAsync(Deadline.Default));

        static async Task<JobResult> EndAsync(Task<GearmanJob> started) => await (await started).Completion;
    }

    [Fact]
    public async Task OnlyTheLatestProgressWaitsForItsReader()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { MaxJobBufferBytes = 4096 });
        var starting = client.StartAsync(new JobRequest("f", default));
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        await peer.SendAsync(8, "H:fake:1");
        for (var i = 1; i <= 1000; i++)
            await peer.SendAsync(12, $"H:fake:1|{i}|1000");
        await peer.SendAsync(28, "H:fake:1|part");
        await peer.SendAsync(13, "H:fake:1|done");
        var job = await starting.WaitAsync(Deadline.Default);
        await job.Completion.WaitAsync(Deadline.Default);
        var updates = new List<JobUpdate>();
        await foreach (var update in job.ReadUpdatesAsync())
            updates.Add(update);
        Assert.Equal([JobUpdateKind.Progress, JobUpdateKind.Data, JobUpdateKind.Completed], updates.Select(update => update.Kind));
        Assert.Equal(new JobProgress(1000, 1000), updates[0].Progress);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheTimeoutOfARequestCoversTheSearchForAServer(bool streaming)
    {
        await using var silent = FakeServer.Start();
        await using var client = Client(silent, options => options with { ConnectTimeout = 2 * Deadline.Default });
        var request = new JobRequest("f", default) { Timeout = TimeSpan.FromSeconds(1) };
        Task submitted = streaming ? client.StartAsync(request) : client.SubmitAsync(request);
        await silent.AcceptPeerAsync();
        await Assert.ThrowsAsync<GearmanTimeoutException>(() => submitted.WaitAsync(Deadline.Default));
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.SubmitAsync(request with { Timeout = Deadline.Default }, cancel.Token).WaitAsync(Deadline.Default));
        await silent.DisposeAsync();
    }

    [Fact]
    public async Task SendersWaitWhileTheServerDoesNotRead()
    {
        await using var server = FakeServer.Start();
        await using var client = Client(server, options => options with { MaxOutputBytes = 64 * 1024 });
        var payload = new byte[256 * 1024];
        var submits = Enumerable.Range(0, 100).Select(_ => client.SubmitBackgroundAsync("f", payload)).ToList();
        var peer = await server.AcceptClientAsync();
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.SubmitBackgroundAsync("f", payload, cancel.Token).WaitAsync(Deadline.Default));
        await client.DisposeAsync();
        foreach (var submit in submits)
            await Assert.ThrowsAnyAsync<Exception>(() => submit.WaitAsync(Deadline.Default));
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task DisposingTheClientEndsAllWaits()
    {
        await using var server = FakeServer.Start();
        var client = Client(server);
        var job = client.SubmitAsync("f", default);
        var peer = await server.AcceptClientAsync();
        await peer.ExpectAsync(7);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => job.WaitAsync(Deadline.Default));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.EchoAsync(default));
    }

    [Fact]
    public async Task UnixSocketsWorkToo()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-");
        try
        {
            await using var server = FakeServer.StartUnix(Path.Combine(folder.FullName, "g.sock"));
            await using var client = Client(server);
            var echo = client.EchoAsync("x"u8.ToArray());
            var peer = await server.AcceptClientAsync();
            await peer.ExpectAsync(16, "x");
            await peer.SendAsync(17, "y");
            Assert.Equal("y"u8.ToArray(), (await echo.WaitAsync(Deadline.Default)).ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static GearmanClient Client(FakeServer server, Func<GearmanClientOptions, GearmanClientOptions>? change = null)
    {
        var options = new GearmanClientOptions { Servers = [server.Address], BackOff = new() { First = TimeSpan.FromMilliseconds(10) } };
        return new GearmanClient(change?.Invoke(options) ?? options);
    }
}
