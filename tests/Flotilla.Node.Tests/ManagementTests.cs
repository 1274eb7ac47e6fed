using System.Net;
using System.Text;
using System.Text.Json;
using Flotilla.Node.Results;
using Flotilla.TestSupport;

namespace Flotilla.Node.Tests;

public sealed class ManagementTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task AJobSubmittedOverHttpIsSeenWorkedAndItsResultKept()
    {
        await using var node = await RunningNode.StartAsync();
        var (status, body) = await node.AskAsync(HttpMethod.Post, "/functions/reverse/jobs", RunningNode.Json("""{"workload":"Hello","unique":"u","priority":"high"}"""));
        Assert.Equal(HttpStatusCode.Accepted, status);
        var handle = body.GetProperty("handle").GetString()!;
        var (_, job) = await node.GetAsync($"/jobs/{handle}");
        Assert.Equal("queued", job.GetProperty("state").GetString());
        Assert.Equal("high", job.GetProperty("priority").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await node.GetAsync($"/jobs/{handle}/result")).Status);

        await using var worker = await node.WorkerAsync("reverse", (context, _) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes([.. context.Text.Reverse()])));
        await Deadline.UntilAsync(async () => (await node.GetAsync($"/jobs/{handle}/result")).Status == HttpStatusCode.OK, "the result");
        var (_, ended) = await node.GetAsync($"/jobs/{handle}/result");
        Assert.Equal("completed", ended.GetProperty("state").GetString());
        Assert.Equal("olleH", ended.GetProperty("result").GetString());
        Assert.Equal("completed", (await node.GetAsync($"/jobs/{handle}")).Body.GetProperty("state").GetString());
        Assert.Equal("olleH", await node.Http.GetStringAsync($"/jobs/{handle}/result?raw=1"));
    }

    [Fact]
    public async Task BytesInResultsThatAreNoTextComeAsBase64()
    {
        await using var node = await RunningNode.StartAsync();
        await using var worker = await node.WorkerAsync("f", (context, _) => ValueTask.FromResult(context.Payload));
        var (_, body) = await node.AskAsync(HttpMethod.Post, "/functions/f/jobs?priority=low", new ByteArrayContent([0xFF, 0x00, 0xFE]));
        var handle = body.GetProperty("handle").GetString();
        await Deadline.UntilAsync(async () => (await node.GetAsync($"/jobs/{handle}/result")).Status == HttpStatusCode.OK, "the result");
        var (_, ended) = await node.GetAsync($"/jobs/{handle}/result");
        Assert.Equal([0xFF, 0x00, 0xFE], ended.GetProperty("resultBase64").GetBytesFromBase64());
    }

    [Fact]
    public async Task AJobSubmittedInTheBackgroundOnTheHttpFrontHasItsResultHere()
    {
        await using var node = await RunningNode.StartAsync();
        await using var worker = await node.WorkerAsync("f", (context, _) => ValueTask.FromResult(context.Payload));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{node.HttpEndpoint}/f") { Content = new StringContent("kept") };
        request.Headers.Add("X-Gearman-Background", "true");
        using var answer = await node.Http.SendAsync(request);
        var handle = answer.Headers.GetValues("X-Gearman-Job-Handle").Single();
        await Deadline.UntilAsync(async () => (await node.GetAsync($"/jobs/{handle}/result")).Status == HttpStatusCode.OK, "the result");
        Assert.Equal("kept", (await node.GetAsync($"/jobs/{handle}/result")).Body.GetProperty("result").GetString());
    }

    [Fact]
    public async Task FunctionsAreListedPausedResumedDrainedAndDropped()
    {
        await using var node = await RunningNode.StartAsync();
        await node.AskAsync(HttpMethod.Post, "/functions/mail/jobs", new ByteArrayContent("x"u8.ToArray()));
        Assert.Equal("mail", (await node.GetAsync("/functions")).Body[0].GetProperty("name").GetString());
        Assert.Equal(1, (await node.GetAsync("/functions/mail/queue?limit=5")).Body.GetArrayLength());
        Assert.Equal(HttpStatusCode.NoContent, (await node.AskAsync(HttpMethod.Post, "/functions/mail/pause")).Status);
        Assert.True((await node.GetAsync("/functions/mail")).Body.GetProperty("paused").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await node.AskAsync(HttpMethod.Post, "/functions/mail/resume")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await node.AskAsync(HttpMethod.Post, "/functions/mail/drain")).Status);
        Assert.True((await node.GetAsync("/functions/mail")).Body.GetProperty("draining").GetBoolean());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.AskAsync(HttpMethod.Post, "/functions/mail/jobs", new ByteArrayContent([]))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/functions/none")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.AskAsync(HttpMethod.Delete, "/functions/none")).Status);
    }

    [Fact]
    public async Task APathIsFoundByItsPatternAndItsMethod()
    {
        await using var node = await RunningNode.StartAsync();
        await node.AskAsync(HttpMethod.Post, "/functions/caf%C3%A9/jobs", new ByteArrayContent("x"u8.ToArray()));
        Assert.Equal("café", (await node.GetAsync("/Functions/caf%C3%A9/")).Body.GetProperty("name").GetString());
        foreach (var nothing in new[] { "/nothing", "/functions//queue", "/functions/caf%C3%A9/queue/more", "/functions/caf%C3%A9//" })
            Assert.Equal((HttpStatusCode.NotFound, "there is nothing at this path"), Refusal(await node.GetAsync(nothing)));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST does nothing here, GET, DELETE does"), Refusal(await node.AskAsync(HttpMethod.Post, "/functions/mail")));
        using var refused = await node.Http.PutAsync("/functions/mail", content: null);
        Assert.Equal(["GET", "DELETE"], refused.Content.Headers.Allow);

        static (HttpStatusCode Status, string? Error) Refusal((HttpStatusCode Status, System.Text.Json.JsonElement Body) answer) => (answer.Status, answer.Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task JobsAreDelayedRecurringCancelledAndUnknown()
    {
        await using var node = await RunningNode.StartAsync();
        var (_, delayed) = await node.AskAsync(HttpMethod.Post, "/functions/f/jobs?delayMs=3600000", new ByteArrayContent([]));
        var handle = delayed.GetProperty("handle").GetString();
        Assert.Equal("delayed", (await node.GetAsync($"/jobs/{handle}")).Body.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await node.AskAsync(HttpMethod.Delete, $"/jobs/{handle}")).Status);
        Assert.Equal("cancelled", (await node.GetAsync($"/jobs/{handle}")).Body.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await node.AskAsync(HttpMethod.Delete, "/jobs/H:none:1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/jobs/H:none:1")).Status);

        var (made, schedule) = await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", RunningNode.Json("""{"schedule":"0 3 * * *","unique":"nightly"}"""));
        Assert.Equal(HttpStatusCode.Accepted, made);
        Assert.Equal("nightly", (await node.GetAsync("/schedules")).Body[0].GetProperty("unique").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await node.AskAsync(HttpMethod.Delete, $"/schedules/{schedule.GetProperty("handle").GetString()}")).Status);
        Assert.Equal(0, (await node.GetAsync("/schedules")).Body.GetArrayLength());
    }

    [Fact]
    public async Task BuriedJobsAreListedTriedAgainAndDropped()
    {
        await using var node = await RunningNode.StartAsync();
        var (_, submitted) = await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", new ByteArrayContent([]));
        var handle = submitted.GetProperty("handle").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await node.AskAsync(HttpMethod.Put, "/functions/f/policy", RunningNode.Json("""{"attempts":1,"dead":"keep"}"""))).Status);
        await using var worker = await node.WorkerAsync("f", (_, _) => throw new InvalidOperationException("broken"));
        await Deadline.UntilAsync(async () => (await node.GetAsync("/dead?function=f")).Body.GetArrayLength() == 1, "the burial");
        Assert.Equal(handle, (await node.GetAsync("/dead")).Body[0].GetProperty("handle").GetString());
        Assert.Equal("dead", (await node.GetAsync($"/jobs/{handle}")).Body.GetProperty("state").GetString());
        await worker.DisposeAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await node.AskAsync(HttpMethod.Post, $"/dead/{handle}/retry")).Status);
        Assert.Equal(0, (await node.GetAsync("/dead")).Body.GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await node.AskAsync(HttpMethod.Delete, $"/dead/{handle}")).Status);
    }

    [Fact]
    public async Task HealthAndMetricsAndWorkersShowTheRunningServer()
    {
        await using var node = await RunningNode.StartAsync();
        await using var worker = await node.WorkerAsync("f", (context, _) => ValueTask.FromResult(context.Payload));
        await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", new ByteArrayContent([]));
        await Deadline.UntilAsync(async () => (await node.Http.GetStringAsync("/metrics")).Contains("flotilla_jobs_completed_total{function=\"f\"} 1\n", StringComparison.Ordinal), "the counter");
        var (status, health) = await node.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("ok", health.GetProperty("store").GetString());
        var (_, workers) = await node.GetAsync("/workers");
        Assert.Equal("f", workers.GetProperty("workers")[0].GetProperty("functions")[0].GetString());
        Assert.Equal("tester", workers.GetProperty("workers")[0].GetProperty("id").GetString());
        Assert.Equal(ProductVersion.Text, (await node.GetAsync("/server")).Body.GetProperty("version").GetString());
    }

    [Fact]
    public async Task HealthIs503WhenTheJobServerIsGone()
    {
        await using var node = await RunningNode.StartAsync();
        await node.Node.Server.StopAsync(drain: false);
        var (status, health) = await node.GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("closed", health.GetProperty("listeners").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.GetAsync("/functions")).Status);
    }

    [Theory]
    [InlineData("POST", "/functions/a%20b/pause")]
    [InlineData("POST", "/functions/a%0Ashutdown/pause")]
    [InlineData("GET", "/functions/f/queue?limit=-1")]
    [InlineData("POST", "/functions/f/jobs?priority=urgent")]
    [InlineData("POST", "/functions/f/jobs?delayMs=soon")]
    [InlineData("POST", "/functions/f/jobs?delayMs=5&priority=high")]
    [InlineData("POST", "/functions/f/jobs?schedule=whenever")]
    [InlineData("DELETE", "/jobs/a%20b")]
    public async Task RequestsThatMakeNoSenseAre400(string method, string path)
    {
        await using var node = await RunningNode.StartAsync();
        var (status, body) = await node.AskAsync(new HttpMethod(method), path);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotEqual("", body.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("""{"workload":1,"unknown":2}""")]
    [InlineData("""{"workload":{"a":1}}""")]
    [InlineData("""{"workload":1}""")]
    [InlineData("""{"unique":true}""")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"workloadBase64":"%%"}""")]
    [InlineData("""{"workload":"a","workloadBase64":"YQ=="}""")]
    public async Task BodiesThatMakeNoSenseAre400(string json)
    {
        await using var node = await RunningNode.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", RunningNode.Json(json))).Status);
    }

    [Fact]
    public async Task ABodyLargerThanAllowedIs413()
    {
        await using var node = await RunningNode.StartAsync(options => options with { Management = options.Management with { MaxBodyBytes = 1000 } });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", new ByteArrayContent(new byte[1001]))).Status);
    }

    [Fact]
    public async Task ThePageComesWholeFromHereAndMayLoadNothingElse()
    {
        await using var node = await RunningNode.StartAsync();
        using var answer = await node.Http.GetAsync("/");
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("<title>Flotilla job server</title>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("text/javascript; charset=utf-8", (await node.Http.GetAsync("/page.js")).Content.Headers.ContentType!.ToString());
        Assert.Equal("text/css; charset=utf-8", (await node.Http.GetAsync("/page.css")).Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task AHookOfAFunctionIsToldThroughTheServerItself()
    {
        await using var node = await RunningNode.StartAsync(options => options with
        {
            Hooks = [new() { Name = "audit", Function = "sink", Events = [JobServer.Core.JobServerEventKind.JobCompleted] }],
            Results = new ResultCacheOptions { MaxResults = 0 },
        });
        var told = new TaskCompletionSource<string>();
        await using var sink = await node.WorkerAsync("sink", (context, _) =>
        {
            told.TrySetResult(context.Text);
            return ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);
        });
        await using var worker = await node.WorkerAsync("f", (context, _) => ValueTask.FromResult(context.Payload));
        var (_, submitted) = await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", new ByteArrayContent([]));
        using var json = JsonDocument.Parse(await told.Task.WaitAsync(Patience));
        Assert.Equal("jobCompleted", json.RootElement.GetProperty("event").GetString());
        Assert.Equal(submitted.GetProperty("handle").GetString(), json.RootElement.GetProperty("handle").GetString());
    }
}
