using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Telemetry.Hooks;
using Flotilla.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.JobServer.Tests.Telemetry;

public sealed class HookTests
{
    [Fact]
    public async Task ChosenEventsOfChosenFunctionsAreToldInOrder()
    {
        var target = new RecordingTarget();
        await using var hook = Start(new HookOptions { Name = "h", Function = "sink", OnlyFunctions = "mail*" }, target);
        MetricsTests.Report(hook, JobServerEventKind.JobCompleted, "mail", 0);
        MetricsTests.Report(hook, JobServerEventKind.JobFailed, "other", 0);
        MetricsTests.Report(hook, JobServerEventKind.JobFailed, "mail", 0, ranMs: 12, job: 7);
        MetricsTests.Report(hook, JobServerEventKind.JobBuried, "mail.bulk", 0, job: 8);
        await Deadline.UntilAsync(() => hook.Delivered == 2, "two events");
        using var first = JsonDocument.Parse(target.Taken[0]);
        Assert.Equal("jobFailed", first.RootElement.GetProperty("event").GetString());
        Assert.Equal("H:box:7", first.RootElement.GetProperty("handle").GetString());
        Assert.Equal("mail", first.RootElement.GetProperty("function").GetString());
        Assert.Equal(12, first.RootElement.GetProperty("ranMs").GetInt64());
        Assert.Contains("\"jobBuried\"", target.Taken[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailedDeliveryIsTriedAgainAndThenGivenUp()
    {
        var target = new RecordingTarget { Failures = 2 };
        await using var hook = Start(new HookOptions { Name = "h", Function = "sink", Attempts = 3, Backoff = TimeSpan.FromMilliseconds(1) }, target);
        MetricsTests.Report(hook, JobServerEventKind.JobFailed, "f", 0);
        await Deadline.UntilAsync(() => hook.Delivered == 1, "the third attempt");
        target.Failures = 3;
        MetricsTests.Report(hook, JobServerEventKind.JobFailed, "f", 0);
        await Deadline.UntilAsync(() => hook.Dropped == 1, "giving up");
        Assert.Equal(1, hook.Delivered);
    }

    [Fact]
    public async Task AHookThatHangsHoldsNobodyUpAndDropsWhatDoesNotFit()
    {
        var target = new RecordingTarget { Hangs = true };
        await using var hook = Start(new HookOptions { Name = "h", Function = "sink", MaxWaiting = 10, Timeout = TimeSpan.FromMinutes(5) }, target);
        for (var i = 0; i < 1000; i++)
            MetricsTests.Report(hook, JobServerEventKind.JobFailed, "f", 0);
        Assert.InRange(hook.Dropped, 989, 990);
        Assert.InRange(hook.Waiting, 9, 10);
    }

    [Fact]
    public async Task EventsOfTheHooksOwnFunctionAreNotToldToItForEver()
    {
        var target = new RecordingTarget();
        await using var hook = Start(new HookOptions { Name = "h", Function = "sink" }, target);
        MetricsTests.Report(hook, JobServerEventKind.JobFailed, "sink", 0);
        MetricsTests.Report(hook, JobServerEventKind.JobFailed, "f", 0);
        await Deadline.UntilAsync(() => hook.Delivered == 1, "the other event");
        Assert.Single(target.Taken);
    }

    [Fact]
    public async Task EventsOfFunctionsThatOtherHooksCallAreToldToUrlsOnly()
    {
        string[] hookFunctions = ["sink", "audit"];
        var calling = new RecordingTarget();
        var posting = new RecordingTarget();
        await using var calls = new EventHook(
            new HookOptions { Name = "c", Function = "sink" }, calling, "H:box", TimeProvider.System, NullLogger.Instance, hookFunctions);
        await using var posts = new EventHook(
            new HookOptions { Name = "p", Url = new Uri("http://localhost/") }, posting, "H:box", TimeProvider.System, NullLogger.Instance, hookFunctions);
        foreach (var function in new[] { "audit", "sink", "f" })
        {
            MetricsTests.Report(calls, JobServerEventKind.JobFailed, function, 0);
            MetricsTests.Report(posts, JobServerEventKind.JobFailed, function, 0);
        }

        await Deadline.UntilAsync(() => calls.Delivered == 1 && posts.Delivered == 3, "one event here and three there");
        Assert.Contains("\"function\":\"f\"", Assert.Single(calling.Taken), StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyTheHooksOwnTimeoutLimitsADelivery()
    {
        using var client = UrlHookTarget.CreateClient();
        Assert.Equal(Timeout.InfiniteTimeSpan, client.Timeout);
    }

    [Fact]
    public async Task AFullQueueIsToldOfOncePerInterval()
    {
        var time = new ManualTime();
        var target = new RecordingTarget();
        await using var hook = new EventHook(new HookOptions { Name = "h", Function = "sink" }, target, "H:box", time, NullLogger.Instance);
        for (var i = 0; i < 50; i++)
            MetricsTests.Report(hook, JobServerEventKind.QueueOverLimit, "f", 0);
        time.Advance(TimeSpan.FromSeconds(11));
        MetricsTests.Report(hook, JobServerEventKind.QueueOverLimit, "f", 0);
        await Deadline.UntilAsync(() => hook.Delivered == 2, "two events");
        Assert.Contains("\"leftOut\":49", target.Taken[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200 OK", true)]
    [InlineData("500 Internal Server Error", false)]
    public async Task AUrlIsPostedJson(string status, bool isTaken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new HttpClient();
        var target = new UrlHookTarget(client, new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hook"));
        var sending = target.SendAsync("{\"event\":\"jobFailed\"}"u8.ToArray(), CancellationToken.None);
        using var accepted = await listener.AcceptTcpClientAsync();
        var stream = accepted.GetStream();
        var request = "";
        var buffer = new byte[4096];
        while (!request.Contains("jobFailed", StringComparison.Ordinal))
            request += Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
        Assert.StartsWith("POST /hook HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json\r\n", request, StringComparison.Ordinal);
        if (isTaken)
            await sending;
        else
            await Assert.ThrowsAsync<HttpRequestException>(() => sending);
    }

    [Fact]
    public void WrongOptionsAreAllReportedAtOnce()
        => Assert.Equal(
            7,
            new HookOptions
            {
                Name = "",
                Url = new Uri("ftp://x/"),
                Function = "f",
                Events = [],
                MaxWaiting = 0,
                Attempts = 0,
                Backoff = TimeSpan.Zero,
            }.Validate().Count);

    private static EventHook Start(HookOptions options, IHookTarget target)
        => new(options, target, "H:box", TimeProvider.System, NullLogger.Instance);

    private sealed class RecordingTarget : IHookTarget
    {
        public List<string> Taken { get; } = [];

        public int Failures { get; set; }

        public bool Hangs { get; init; }

        public async Task SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
        {
            if (Hangs)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            if (Failures-- > 0)
                throw new IOException("not now");
            Taken.Add(Encoding.UTF8.GetString(json.Span));
        }
    }
}
