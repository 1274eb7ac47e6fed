using System.Text;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

public sealed class SubmitTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    [Fact]
    public async Task TheResultGoesToTheOutputAsItIs()
    {
        await using var worker = await server.WorkAsync("echo", "--", "cat");
        Assert.Equal("Hello", (await server.RunAsync("jobs", "submit", "echo", "Hello")).Must());
    }

    [Fact]
    public async Task ThePayloadComesFromStandardInputByteForByte()
    {
        byte[] payload = [0, 255, 10, 13, 0, 128];
        var console = new TestConsole(payload);
        await using var worker = await server.WorkAsync("bytes", "--", "cat");
        (await server.RunAsync(console, "jobs", "submit", "bytes")).Must();
        Assert.Equal(payload, console.WrittenBytes);
    }

    [Fact]
    public async Task ThePayloadComesFromAFile()
    {
        using var folder = new TempFolder();
        await using var worker = await server.WorkAsync("file", "--", "cat");
        Assert.Equal("from a file", (await server.RunAsync("jobs", "submit", "file", "-f", folder.Write("p", "from a file"))).Must());
        Assert.Contains("can't be read", (await server.RunAsync("jobs", "submit", "file", "-f", folder.Combine("none"))).MustEndWith(ExitCode.Failed).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AtATerminalNobodyIsWaitedFor()
    {
        await using var worker = await server.WorkAsync("size", "--", "wc", "-c");
        Assert.Equal("0\n", (await server.RunAsync(new TestConsole("not read") { IsInputTerminal = true }, "jobs", "submit", "size")).Must());
    }

    [Fact]
    public async Task DataAppearsBeforeTheJobEnds()
    {
        using var folder = new TempFolder();
        var console = new TestConsole();
        await using var worker = await server.WorkAsync("stream", "--stream", "--", "sh", "-c", $"echo first; until [ -e {folder.Combine("go")} ]; do sleep 0.01; done; echo second");
        var job = server.RunAsync(console, "jobs", "submit", "stream");
        await Deadline.UntilAsync(() => console.Written == "first\n", "the first part is printed");
        Assert.False(job.IsCompleted);
        folder.Write("go", "");
        Assert.Equal("first\nsecond\n", (await job).Must());
    }

    [Fact]
    public async Task OneJobPerLineComesBackInOrder()
    {
        var lines = Enumerable.Range(0, 30).Select(i => $"line {i}").ToList();
        var console = new TestConsole(string.Join('\n', lines));
        await using var worker = await server.WorkAsync("lines", "-n", "4", "--", "cat");
        Assert.Equal(string.Join('\n', lines) + "\n", (await server.RunAsync(console, "jobs", "submit", "lines", "--lines", "--parallel", "7")).Must());
    }

    [Fact]
    public async Task LinesThatFailAreToldAndTheOthersStillCome()
    {
        var console = new TestConsole("good\nbad\ngood\n");
        await using var worker = await server.WorkAsync("some", "--", "grep", "good");
        var result = (await server.RunAsync(console, "jobs", "submit", "some", "--lines")).MustEndWith(ExitCode.JobFailed);
        Assert.Equal("good\ngood\n", result.Output);
        Assert.Contains("line 2:", result.Errors, StringComparison.Ordinal);
        Assert.Contains("1 of 3 jobs failed", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABackgroundJobIsItsHandle()
    {
        var handle = (await server.RunAsync("jobs", "submit", "later", "x", "--background", "--priority", "low", "--unique", "u1")).Must().Trim();
        var shown = await server.RunAsync("jobs", "show", "job", handle, "--json");
        shown.Must();
        var job = Assert.Single(shown.Json.EnumerateArray());
        Assert.Equal("u1", job.GetProperty("unique").GetString());
        Assert.Equal("low", job.GetProperty("priority").GetString());
        Assert.True(job.GetProperty("background").GetBoolean());
        var again = await server.RunAsync("jobs", "submit", "later", "y", "-b", "-u", "u1", "--json");
        again.Must();
        Assert.Equal(handle, again.Json.GetProperty("handle").GetString());
    }

    [Theory]
    [InlineData("--delay", "90m")]
    [InlineData("--at", "2099-01-01T00:00:00Z")]
    [InlineData("--at", "@4070908800.5")]
    public async Task AJobForLaterWaitsUntilThen(string option, string time)
    {
        var handle = (await server.RunAsync("jobs", "submit", "delayed", "x", option, time)).Must().Trim();
        var job = (await server.RunAsync("jobs", "show", "job", handle, "--json")).Json[0];
        Assert.Equal("delayed", job.GetProperty("state").GetString());
        Assert.True(job.GetProperty("dueMs").GetInt64() > DateTimeOffset.UtcNow.AddMinutes(80).ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task AShortDelayEnds()
    {
        await using var worker = await server.WorkAsync("soon");
        (await server.RunAsync("jobs", "submit", "soon", "now", "--delay", "200ms")).Must();
        await Deadline.UntilAsync(() => worker.Console.Written == "now\n", "the job runs");
    }

    [Fact]
    public async Task AFailedJobHasItsOwnExitCode()
    {
        await using var worker = await server.WorkAsync("fails", "--", "false");
        var result = (await server.RunAsync("jobs", "submit", "fails", "x")).MustEndWith(ExitCode.JobFailed);
        Assert.Matches(@"^flotilla: job H:\S+ failed", result.Errors);
    }

    [Fact]
    public async Task AnExceptionHasItsOwnExitCodeAndSaysWhy()
    {
        await using var worker = await server.WorkAsync("throws", "--exceptions", "--", "sh", "-c", "echo no such picture >&2; exit 3");
        var result = (await server.RunAsync("jobs", "submit", "throws", "x", "--json")).MustEndWith(ExitCode.JobException);
        Assert.Equal("exception", result.Json.GetProperty("outcome").GetString());
        Assert.Equal("sh exited with 3: no such picture", result.Json.GetProperty("fault").GetString());
    }

    [Fact]
    public async Task AResultThatIsLateHasItsOwnExitCode()
    {
        var result = (await server.RunAsync("jobs", "submit", "nobody", "x", "--timeout", "100ms")).MustEndWith(ExitCode.TimedOut);
        Assert.Contains("took longer than 100 ms", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WarningsAndProgressGoToTheErrorStream()
    {
        await using var worker = await server.WorkAsync("talks", "--progress", "--", "sh", "-c", "echo progress 1/2 >&2; echo warning half done >&2; echo result");
        var result = await server.RunAsync("jobs", "submit", "talks", "x");
        Assert.Equal("result\n", result.Must());
        Assert.Equal("flotilla: warning: half done\n", result.Errors);
    }

    [Fact]
    public async Task JsonTellsBytesThatAreNoTextAsBase64()
    {
        await using var worker = await server.WorkAsync("binary", "--", "cat");
        var result = await server.RunAsync(new TestConsole([255, 0]), "jobs", "submit", "binary", "--json");
        result.Must();
        Assert.Equal("/wA=", result.Json.GetProperty("dataBase64").GetString());
        Assert.Equal("completed", result.Json.GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("--at 18:00 --delay 5s", "exclude each other")]
    [InlineData("payload --file x", "exclude each other")]
    [InlineData("payload --lines", "exclude each other")]
    [InlineData("--background --timeout 5s", "background job")]
    [InlineData("--delay 5x", "'5x' is not a duration")]
    [InlineData("--at yesterdayish", "is not a time")]
    [InlineData("--parallel 0 --lines", "--parallel must be")]
    [InlineData("--priority urgent", "urgent")]
    [InlineData("--prority high", "Did you mean '--priority'?")]
    public async Task WhatMakesNoSenseIsRefused(string line, string why)
    {
        var result = await server.RunAsync(["jobs", "submit", "f", .. line.Split(' ')]);
        Assert.Contains(why, result.MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task APayloadMayBeginWithADashBehindTwo()
    {
        await using var worker = await server.WorkAsync("dash", "--", "cat");
        Assert.Equal("--x", (await server.RunAsync("jobs", "submit", "dash", "--", "--x")).Must());
    }

    [Fact]
    public async Task AServerThatIsNotThereIsNamedWithWhatToDo()
    {
        var port = FreePort.Next();
        var result = (await Run.FlotillaAsync("jobs", "submit", "f", "x", "-s", $"127.0.0.1:{port}")).MustEndWith(ExitCode.NoServer);
        Assert.Contains($"127.0.0.1:{port}", result.Errors, StringComparison.Ordinal);
        Assert.Contains("flotilla jobs serve", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinesMayBeLongAndTheLastMayLackItsEnd()
    {
        var longLine = new string('x', 100_000);
        await using var worker = await server.WorkAsync("long", "--", "wc", "-c");
        var console = new TestConsole(Encoding.UTF8.GetBytes($"{longLine}\r\n\nend"));
        Assert.Equal("100000\n0\n3\n", (await server.RunAsync(console, "jobs", "submit", "long", "--lines")).Must());
    }
}
