using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

public sealed class AdminCommandTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    [Fact]
    public async Task StatusTellsWhatIsQueuedAndWhatForWant()
    {
        (await server.RunAsync("jobs", "submit", "queued", "12345", "-b", "-p", "high")).Must();
        var result = await server.RunAsync("jobs", "status", "queued", "--json");
        result.Must();
        var function = result.Json[0];
        Assert.Equal(1, function.GetProperty("queuedHigh").GetInt64());
        Assert.Equal("no workers", function.GetProperty("state").GetString());
        Assert.Matches(@"(?m)^queued +1 +0 +0 +0 +0  no workers +5 B$", (await server.RunAsync("jobs", "status", "queued")).Must());
    }

    [Fact]
    public async Task StatusOfAFunctionThatNobodyKnowsIsNotFound()
        => (await server.RunAsync("jobs", "status", "unheard-of")).MustEndWith(ExitCode.NotFound);

    [Fact]
    public async Task WorkersAreListedWithTheirFunctions()
    {
        await using var worker = await server.WorkAsync("listed", "--client-id", "my-worker");
        var workers = await server.RunAsync("jobs", "workers", "-f", "listed", "--json");
        workers.Must();
        Assert.Equal("my-worker", workers.Json[0].GetProperty("clientId").GetString());
        Assert.Contains("my-worker", (await server.RunAsync("jobs", "workers")).Must(), StringComparison.Ordinal);
        Assert.True((await server.RunAsync("jobs", "workers", "--all", "--json")).Json.GetArrayLength() >= 2);
    }

    [Fact]
    public async Task ListsShowJobsAndUniqueKeysAndTheQueue()
    {
        var handle = (await server.RunAsync("jobs", "submit", "shown", "x", "-b", "-u", "the-key")).Must().Trim();
        Assert.Contains(handle, (await server.RunAsync("jobs", "show", "jobs")).Must(), StringComparison.Ordinal);
        Assert.Contains("the-key", (await server.RunAsync("jobs", "show", "unique")).Must(), StringComparison.Ordinal);
        var queue = await server.RunAsync("jobs", "show", "queue", "shown", "-n", "1", "--json");
        queue.Must();
        Assert.Equal(handle, queue.Json[0].GetProperty("handle").GetString());
        Assert.Equal(1, (await server.RunAsync("jobs", "show", "server", "--json")).Json.GetArrayLength());
    }

    [Fact]
    public async Task ACancelledJobIsGone()
    {
        var handle = (await server.RunAsync("jobs", "submit", "cancelled", "x", "-b")).Must().Trim();
        (await server.RunAsync("jobs", "cancel", handle)).Must();
        (await server.RunAsync("jobs", "show", "job", handle)).MustEndWith(ExitCode.NotFound);
        (await server.RunAsync("jobs", "cancel", handle)).MustEndWith(ExitCode.NotFound);
    }

    [Fact]
    public async Task PauseResumeAndDrainShowInTheStatus()
    {
        (await server.RunAsync("jobs", "submit", "flow", "x", "-b")).Must();
        (await server.RunAsync("jobs", "pause", "flow")).Must();
        Assert.Equal("paused", await StateAsync("flow"));
        (await server.RunAsync("jobs", "drain", "flow")).Must();
        (await server.RunAsync("jobs", "resume", "flow")).Must();
        Assert.Equal("no workers", await StateAsync("flow"));
        (await server.RunAsync("jobs", "drain", "flow")).Must();
        var refused = (await server.RunAsync("jobs", "submit", "flow", "y", "-b")).MustEndWith(ExitCode.Refused);
        Assert.Contains("draining", refused.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task DeadJobsAreShownRetriedAndDiscarded()
    {
        (await server.RunAsync("jobs", "submit", "dies", "x", "-b")).Must();
        (await server.RunAsync("jobs", "submit", "dies", "y", "-b")).Must();
        (await server.RunAsync("jobs", "policy", "dies", "--attempts", "1", "--on-fail", "retry", "--dead", "keep")).Must();
        await using (await server.WorkAsync("dies", "--", "false"))
            await Deadline.UntilAsync(async () => (await server.RunAsync("jobs", "show", "dead", "dies", "--json")).Json.GetArrayLength() == 2, "both are dead");
        var handle = (await server.RunAsync("jobs", "show", "dead", "dies", "--json")).Json[0].GetProperty("handle").GetString()!;
        (await server.RunAsync("jobs", "retry", handle)).Must();
        (await server.RunAsync("jobs", "retry", "--all", "dies", "--discard")).Must();
        (await server.RunAsync("jobs", "retry", "H:none:1")).MustEndWith(ExitCode.NotFound);
        Assert.Equal(0, (await server.RunAsync("jobs", "show", "dead", "dies", "--json")).Json.GetArrayLength());
        Assert.Contains("\"queued\":1", (await server.RunAsync("jobs", "status", "dies", "--json")).Must(), StringComparison.Ordinal);
        (await server.RunAsync("jobs", "retry")).MustEndWith(ExitCode.Usage);
    }

    [Fact]
    public async Task PolicyAndLimitsAreSetAndShown()
    {
        (await server.RunAsync("jobs", "submit", "ruled", "x", "-b")).Must();
        var result = await server.RunAsync("jobs", "policy", "ruled", "--attempts", "5", "--backoff", "2s", "--max-queue", "3", "2", "1", "--json");
        result.Must();
        Assert.Equal(5, result.Json[0].GetProperty("policy").GetProperty("attempts").GetInt32());
        Assert.Equal(2000, result.Json[0].GetProperty("policy").GetProperty("backOffMs").GetInt32());
        Assert.Equal(1, result.Json[0].GetProperty("maxQueue").GetProperty("low").GetInt32());
        Assert.Contains("attempts=5", (await server.RunAsync("jobs", "policy", "ruled")).Must(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADroppedFunctionIsForgotten()
    {
        (await server.RunAsync("jobs", "submit", "dropped", "x", "-b")).Must();
        (await server.RunAsync("jobs", "drop", "dropped")).Must();
        (await server.RunAsync("jobs", "status", "dropped")).MustEndWith(ExitCode.NotFound);
        (await server.RunAsync("jobs", "drop", "dropped")).MustEndWith(ExitCode.NotFound);
        await using var worker = await server.WorkAsync("worked-on");
        (await server.RunAsync("jobs", "drop", "worked-on")).MustEndWith(ExitCode.Refused);
    }

    [Fact]
    public async Task SchedulesAreAddedListedAndRemoved()
    {
        var handle = (await server.RunAsync("jobs", "schedule", "add", "*/5 * * * 0-4", "tick", "payload", "-u", "u")).Must().Trim();
        var list = await server.RunAsync("jobs", "schedule", "list", "--json");
        list.Must();
        var schedule = Assert.Single(list.Json.EnumerateArray());
        Assert.Equal(handle, schedule.GetProperty("handle").GetString());
        Assert.Equal("*/5 * * * 0-4", schedule.GetProperty("schedule").GetString());
        Assert.Equal(list.Output, (await server.RunAsync("jobs", "show", "schedules", "--json")).Must());
        (await server.RunAsync("jobs", "schedule", "remove", handle)).Must();
        (await server.RunAsync("jobs", "schedule", "remove", handle)).MustEndWith(ExitCode.NotFound);
        (await server.RunAsync("jobs", "schedule", "add", "never", "tick")).MustEndWith(ExitCode.Usage);
        (await server.RunAsync("jobs", "schedule", "add", "99 * * * *", "tick")).MustEndWith(ExitCode.Refused);
    }

    [Fact]
    public async Task SeveralServersAreAskedAndOneThatIsGoneDoesNotHideTheOther()
    {
        (await server.RunAsync("jobs", "submit", "here", "x", "-b")).Must();
        var result = (await Run.FlotillaAsync("jobs", "status", "-s", $"127.0.0.1:{FreePort.Next()}", "-s", server.Address)).MustEndWith(ExitCode.NoServer);
        Assert.Contains("here", result.Output, StringComparison.Ordinal);
        Assert.Contains(server.Address, result.Output, StringComparison.Ordinal);
        Assert.Contains("could not be reached", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TopShowsFunctionsAndRates()
    {
        (await server.RunAsync("jobs", "submit", "topped", "x", "-b")).Must();
        Assert.Contains("topped", (await server.RunAsync("jobs", "top", "--count", "1")).Must(), StringComparison.Ordinal);
        var looks = (await server.RunAsync("jobs", "top", "-c", "2", "-i", "60ms", "--json")).Must().TrimEnd().Split('\n');
        Assert.Equal(2, looks.Length);
        var second = System.Text.Json.JsonDocument.Parse(looks[1]).RootElement.GetProperty("servers")[0];
        Assert.True(second.GetProperty("perSecond").TryGetProperty("completed", out _));
    }

    [Fact]
    public async Task TopOnATerminalDrawsUntilQAndPutsTheScreenBack()
    {
        (await server.RunAsync("jobs", "submit", "drawn", "x", "-b")).Must();
        var console = new TestConsole { IsOutputTerminal = true, IsInputTerminal = true };
        console.Keys.Enqueue('s');
        var top = server.RunAsync(console, "jobs", "top", "-i", "100ms");
        await Deadline.UntilAsync(() => console.Written.Contains("by running", StringComparison.Ordinal), "the order changes");
        console.Keys.Enqueue('q');
        var screen = (await top).Must();
        Assert.StartsWith("\u001b[?1049h", screen, StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?1049l", screen, StringComparison.Ordinal);
        Assert.Contains("drawn", screen, StringComparison.Ordinal);
    }

    private async Task<string> StateAsync(string function)
        => (await server.RunAsync("jobs", "status", function, "--json")).Json[0].GetProperty("state").GetString()!;
}
