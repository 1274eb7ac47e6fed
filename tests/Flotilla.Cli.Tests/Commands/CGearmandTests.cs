using Flotilla.Cli.Tests.Support;

namespace Flotilla.Cli.Tests.Commands;

/// <summary>What the commands do with a server that knows only the standard ones.</summary>
[Trait("tier", "full")]
public sealed class CGearmandTests(CGearmand server) : IClassFixture<CGearmand>
{
    [Fact]
    public async Task SubmitWorkAndStatusDoTheirWork()
    {
        await using var worker = new RunningWorker(server.Address, "reverse", "--client-id", "w", "--", "rev");
        await worker.ReadyAsync();
        Assert.Equal("olleH\n", (await server.RunAsync("jobs", "submit", "reverse", "Hello")).Must().TrimEnd('\n') + "\n");
        var status = await server.RunAsync("jobs", "status", "reverse", "--json");
        status.Must();
        Assert.Equal(1, status.Json[0].GetProperty("workers").GetInt32());
        Assert.Contains("reverse", (await server.RunAsync("jobs", "workers")).Must(), StringComparison.Ordinal);
        Assert.Contains("reverse", (await server.RunAsync("jobs", "top", "-c", "1")).Must(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task QueuedJobsAreCountedShownAndCancelled()
    {
        var handle = (await server.RunAsync("jobs", "submit", "later", "x", "-b", "-p", "high", "-u", "key")).Must().Trim();
        var status = await server.RunAsync("jobs", "status", "later", "--json");
        status.Must();
        Assert.Equal(1, status.Json[0].GetProperty("queuedHigh").GetInt32());
        Assert.Contains(handle, (await server.RunAsync("jobs", "show", "jobs")).Must(), StringComparison.Ordinal);
        Assert.Contains("key", (await server.RunAsync("jobs", "show", "unique")).Must(), StringComparison.Ordinal);
        Assert.Contains("queued", (await server.RunAsync("jobs", "show", "job", handle)).Must(), StringComparison.Ordinal);
        (await server.RunAsync("jobs", "show", "job", "H:none:1")).MustEndWith(ExitCode.NotFound);
        (await server.RunAsync("jobs", "cancel", handle)).Must();
    }

    [Fact]
    public async Task CommandsOfOurOwnSayThatTheyAre()
    {
        foreach (var line in (string[])["jobs pause f", "jobs show queue f", "jobs show server", "jobs retry H:x:1"])
        {
            var result = (await server.RunAsync(line.Split(' '))).MustEndWith(ExitCode.Refused);
            Assert.Contains("needs Flotilla's own server", result.Errors, StringComparison.Ordinal);
        }
    }
}
