using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

public sealed class WorkTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    [Fact]
    public async Task WithoutACommandWorkloadsArePrinted()
    {
        await using var worker = await server.WorkAsync("print");
        (await server.RunAsync("jobs", "submit", "print", "one")).Must();
        (await server.RunAsync("jobs", "submit", "print", "two\n")).Must();
        Assert.Equal("one\ntwo\n", worker.Console.Written);
    }

    [Fact]
    public async Task OneWorkerMayServeSeveralFunctions()
    {
        await using var worker = await server.WorkAsync("first", "-f", "second", "--", "sh", "-c", "echo $FLOTILLA_JOB_FUNCTION $FLOTILLA_JOB_UNIQUE");
        Assert.Equal("first u\n", (await server.RunAsync("jobs", "submit", "first", "x", "-u", "u")).Must());
        Assert.Equal("second v\n", (await server.RunAsync("jobs", "submit", "second", "x", "-u", "v")).Must());
    }

    [Fact]
    public async Task SeveralJobsRunAtOnce()
    {
        using var folder = new TempFolder();
        await using var worker = await server.WorkAsync(
            "meet", "-n", "3", "--", "sh", "-c", $"touch {folder.Path}/$FLOTILLA_JOB_UNIQUE; while [ $(ls {folder.Path} | wc -l) -lt 3 ]; do sleep 0.01; done");
        var jobs = ((string[])["a", "b", "c"]).Select(unique => server.RunAsync("jobs", "submit", "meet", "x", "-u", unique, "--timeout", "30s"));
        Assert.All(await Task.WhenAll(jobs), job => job.Must());
    }

    [Fact]
    public async Task CountedJobsAreFinishedBeforeItEnds()
    {
        foreach (var payload in (string[])["1", "2", "3"])
            (await server.RunAsync("jobs", "submit", "three", payload, "-b")).Must();
        var worker = new RunningWorker(server.Address, "three", "--count", "2");
        Assert.Equal(0, await worker.Ended.WaitAsync(Deadline.Default));
        Assert.Equal("1\n2\n", worker.Console.Written);
        Assert.Contains("\"queued\":1", (await server.RunAsync("jobs", "status", "three", "--json")).Must(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReportsEachJobWhenAsked()
    {
        await using var worker = await server.WorkAsync("told", "--verbose", "--", "cat");
        (await server.RunAsync("jobs", "submit", "told", "12345")).Must();
        await Deadline.UntilAsync(() => worker.Console.Errors.Contains("told 5 B -> completed, 5 B", StringComparison.Ordinal), "the job is told");
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task ACommandThatHangsIsKilledAndItsJobGivenToAnother()
    {
        using var folder = new TempFolder();
        await using var worker = await server.WorkAsync(
            "hangs", "--timeout", "3s", "--", "sh", "-c", $"if [ -e {folder.Combine("again")} ]; then echo done; else touch {folder.Combine("again")}; exec sleep 600; fi");
        Assert.Equal("done\n", (await server.RunAsync("jobs", "submit", "hangs", "x")).Must());
    }

    [Fact]
    public async Task ACommandThatIsNotThereIsSaidAtOnce()
    {
        var result = (await server.RunAsync("jobs", "work", "f", "--", "no-such-program")).MustEndWith(ExitCode.Failed);
        Assert.Contains("'no-such-program' is not there", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AWorkerWaitsForItsServer()
    {
        var port = FreePort.Next();
        await using var worker = new RunningWorker($"127.0.0.1:{port}", "f");
        await Deadline.UntilAsync(() => worker.Console.Errors.Contains("no job server", StringComparison.Ordinal), "it says that it waits");
        Assert.False(worker.Ended.IsCompleted);
    }

    [Fact]
    public async Task ProgressReachesWhoAsksForIt()
    {
        using var folder = new TempFolder();
        await using var worker = await server.WorkAsync(
            "slow", "--progress", "--", "sh", "-c", $"echo progress 3/10 >&2; until [ -e {folder.Combine("go")} ]; do sleep 0.01; done");
        var handle = (await server.RunAsync("jobs", "submit", "slow", "x", "-b")).Must().Trim();
        await Deadline.UntilAsync(
            async () => (await server.RunAsync("jobs", "show", "job", handle)).Output.Contains("3/10", StringComparison.Ordinal), "progress is shown");
        folder.Write("go", "");
    }
}
