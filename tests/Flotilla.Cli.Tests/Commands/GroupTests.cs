using System.Text.Json;
using Flotilla.Cli.Commands;
using Flotilla.Cli.Tests.Support;
using Flotilla.Groups;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla group</c>, as a new user meets it.</summary>
public sealed class GroupTests
{
    private const string Secret = "a secret of the cluster";

    [Fact]
    public async Task MembersShowsWhoIsInTheCluster()
    {
        await using var a = await GroupNode.StartAsync(new GroupOptions { Name = "a", Founding = Founding.Alone });
        await using var b = await GroupNode.StartAsync(new GroupOptions { Name = "b", Founding = Founding.Never, Seeds = [a.Address] });
        await a.UntilViewAsync(view => view.Members.Length == 2);

        var table = (await Run.FlotillaAsync("group", "members", "--node", a.Address)).Must();
        var json = (await Run.FlotillaAsync("group", "members", "--node", "127.0.0.1:1", "--node", a.Address, "--json")).Json;

        Assert.Contains("a     " + a.Address, table, StringComparison.Ordinal);
        Assert.Contains("b     " + b.Address, table, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], json.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("name").GetString()!));
        Assert.True(json.GetProperty("isPrimary").GetBoolean());
    }

    [Fact]
    public async Task WatchPrintsALineForEachChange()
    {
        await using var a = await GroupNode.StartAsync(new GroupOptions { Name = "a", Founding = Founding.Alone });
        await a.UntilMemberAsync();
        var watching = Run.FlotillaAsync("group", "watch", "-n", a.Address, "--json", "--count", "2");
        var join = Task.Run(async () =>
        {
            // Some change comes after the watch began, whenever that is.
            while (!watching.IsCompleted)
            {
                await using var b = await GroupNode.StartAsync(new GroupOptions { Name = "b", Founding = Founding.Never, Seeds = [a.Address] });
                await b.UntilMemberAsync();
            }
        });

        var lines = (await watching).Must().TrimEnd().Split('\n');

        await join;
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.NotEmpty(JsonDocument.Parse(line).RootElement.GetProperty("members").EnumerateArray()));
    }

    [Fact]
    public async Task WithoutANodeItSaysSoAndWhatToDo()
    {
        var result = (await Run.FlotillaAsync("group", "members", "-n", $"127.0.0.1:{FreePort.Next()}")).MustEndWith(ExitCode.NoServer);

        Assert.Contains("Start one with 'flotilla group run'", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSecretIsNeededAndTakenFromTheEnvironment()
    {
        await using var a = await GroupNode.StartAsync(new GroupOptions { Name = "a", Founding = Founding.Alone, Secret = Secret });
        await a.UntilMemberAsync();

        var refused = (await Run.FlotillaAsync("group", "members", "-n", a.Address)).MustEndWith(ExitCode.NotAuthorized);
        var console = new TestConsole();
        console.Variables["FLOTILLA_GROUP_SECRET"] = Secret;
        var known = (await Run.FlotillaAsync(console, "group", "members", "-n", a.Address, "--json")).Json;

        Assert.Contains("--secret-file", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("a", known.GetProperty("node").GetString());
    }

    [Fact]
    public async Task WatchPrintsNoLineTwice()
    {
        await using var a = await GroupNode.StartAsync(new GroupOptions { Name = "a", Founding = Founding.Alone });
        await using var b = await GroupNode.StartAsync(new GroupOptions { Name = "b", Founding = Founding.Never, Seeds = [a.Address] });
        await b.UntilMemberAsync();
        var console = new TestConsole();
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() => FlotillaCommand.RunAsync(["group", "watch", "-n", b.Address], console, stop.Token));
        await Deadline.UntilAsync(() => console.Written.EndsWith(": a*, b\n", StringComparison.Ordinal), "the present is shown");

        // A view and its lease come one after the other to who does not sequence.
        foreach (var name in (string[])["c", "d", "e", "f"])
        {
            await using (var other = await GroupNode.StartAsync(new GroupOptions { Name = name, Founding = Founding.Never, Seeds = [a.Address] }))
                await Deadline.UntilAsync(() => console.Written.Contains($": a*, b, {name}\n", StringComparison.Ordinal), "the newcomer is shown");
            await Deadline.UntilAsync(() => console.Written.EndsWith(": a*, b\n", StringComparison.Ordinal), "it is gone");
        }

        await stop.CancelAsync();
        await watching;
        var lines = console.Written.TrimEnd().Split('\n').Select(line => line[line.IndexOf(' ', StringComparison.Ordinal)..]).ToList();
        Assert.DoesNotContain(lines.Zip(lines.Skip(1)), pair => pair.First == pair.Second);
    }

    [Fact]
    public async Task WatchSaysThatThereIsNoViewYet()
    {
        await using var a = await GroupNode.StartAsync(new GroupOptions { Name = "a", Founding = Founding.Never, Seeds = [$"127.0.0.1:{FreePort.Next()}"] });

        Assert.EndsWith("no view yet\n", (await Run.FlotillaAsync("group", "watch", "-n", a.Address, "--count", "1")).Must(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'here' is no address to listen on", "run", "a", "--listen", "here")]
    [InlineData("'127.0.0.1' is no address to listen on", "run", "a", "--listen", "127.0.0.1")]
    [InlineData("'nowhere' is no address of a node", "run", "a", "--listen", "127.0.0.1:0", "--seed", "nowhere")]
    [InlineData("'::1' is no address of a node", "run", "a", "--listen", "127.0.0.1:0", "--seed", "::1")]
    [InlineData("'db1:' is no address of a node", "members", "--node", "db1:")]
    [InlineData("'[::1]:0' is no address of a node", "watch", "--node", "[::1]:0")]
    [InlineData("the length of Name is 0, must be 1 to 64 characters", "run", "", "--listen", "127.0.0.1:0")]
    public async Task WhatIsNoAddressOrNameIsRefusedAtOnce(string expected, params string[] arguments)
        => Assert.Contains(expected, (await Run.FlotillaAsync(["group", .. arguments])).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);

    [Fact]
    public async Task RunLogsASeedThatDoesNotAnswerAndWithVMore()
    {
        var seed = $"127.0.0.1:{FreePort.Next()}";
        var terse = await RunUntilAsync($"No connection to {seed}", "--seed", seed);
        var verbose = await RunUntilAsync($"No connection to {seed}", "--seed", seed, "-v");

        Assert.DoesNotContain("INFO", terse, StringComparison.Ordinal);
        Assert.Contains("INFO  Node a (", verbose, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunThatIsInterruptedHasNothingToWarnOf()
        => Assert.DoesNotContain("WARN", await RunUntilAsync("INFO  View 1 with a", "-v"), StringComparison.Ordinal);

    [Fact]
    public async Task RunSaysWhatToDoWhereOthersReachItAndWhenItsFolderCannotBe()
    {
        using var folder = new TempFolder();
        var open = (await Run.FlotillaAsync("group", "run", "a", "--listen", "0.0.0.0:0")).MustEndWith(ExitCode.Usage);
        var file = (await Run.FlotillaAsync("group", "run", "a", "--listen", "127.0.0.1:0", "--data", folder.Write("file", ""))).MustEndWith(ExitCode.Failed);
        var elsewhere = (await Run.FlotillaAsync("group", "run", "a", "--listen", "192.0.2.1:4740", "--allow-unsecured")).MustEndWith(ExitCode.Failed);

        Assert.Contains("--secret-file FILE", open.Errors, StringComparison.Ordinal);
        Assert.Contains("--data names the folder", file.Errors, StringComparison.Ordinal);
        Assert.Contains("an address of this machine", elsewhere.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("group", "members")]
    [InlineData("group", "run", "a")]
    [InlineData("jobs", "status")]
    public async Task ASecretThatCannotBeReadIsTold(params string[] arguments)
    {
        using var folder = new TempFolder();
        var missing = (await Run.FlotillaAsync([.. arguments, "--secret-file", folder.Combine("none")])).MustEndWith(ExitCode.Failed);
        var empty = (await Run.FlotillaAsync([.. arguments, "--secret-file", folder.Write("empty", "\n")])).MustEndWith(ExitCode.Failed);

        Assert.Contains("the secret can't be read", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("whose first line is the secret", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("begins with an empty line", empty.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task BenchMeasuresThreeProcessesAndEndsThem()
    {
        var result = await Run.FlotillaAsync("group", "bench", "--count", "50", "--json");

        var rows = JsonDocument.Parse(result.Must()).RootElement.EnumerateArray().ToList();
        Assert.Equal(["Ordered", "Safe", "SafeDurable"], rows.Select(row => row.GetProperty("delivery").GetString()!));
        Assert.All(rows, row => Assert.True(row.GetProperty("messagesPerSecond").GetInt64() > 0));
    }

    /// <summary>What a node says on standard error from its start to its end; it is interrupted once it said <paramref name="expected"/>.</summary>
    private static async Task<string> RunUntilAsync(string expected, params string[] arguments)
    {
        var console = new TestConsole();
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => FlotillaCommand.RunAsync(["group", "run", "a", "--listen", "127.0.0.1:0", .. arguments], console, stop.Token));
        await Deadline.UntilAsync(() => console.Errors.Contains(expected, StringComparison.Ordinal), expected);
        await stop.CancelAsync();
        await running.WaitAsync(Deadline.Default);
        return console.Errors;
    }
}
