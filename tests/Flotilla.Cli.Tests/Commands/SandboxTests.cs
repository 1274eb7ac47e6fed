using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla sandbox</c> as a user meets it.</summary>
public sealed class SandboxTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task WithoutSandboxesTheListSaysHowToMakeOne()
    {
        var result = await RunAsync("list");
        Assert.Equal("", result.Must());
        Assert.Contains("'flotilla sandbox create' makes one", result.Errors, StringComparison.Ordinal);
        Assert.Equal("[]", (await RunAsync("list", "--json")).Must().Trim());
    }

    [Fact]
    public async Task WhatIsNotThereIsNotFound()
    {
        foreach (var command in (string[])["start", "stop", "use", "delete", "status"])
        {
            var result = (await RunAsync(command, "none")).MustEndWith(ExitCode.NotFound);
            Assert.Contains("there is no sandbox none in", result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AFolderWithoutAServerIsRefusedWithAHint()
    {
        var result = (await RunAsync("create", "--basedir", _root.Path)).MustEndWith(ExitCode.NoServer);
        Assert.Contains("no server program (mariadbd or mysqld)", result.Errors, StringComparison.Ordinal);
        Assert.Contains("'flotilla sandbox servers' lists what is found", result.Errors, StringComparison.Ordinal);
        Assert.Contains("exclude each other", (await RunAsync("create", "--basedir", "x", "--tarball", "y")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AGroupIsMadeUsedAndDeleted()
    {
        var server = Server();
        try
        {
            var made = await RunAsync("create", "shop", "-t", "replication", "-n", "2", "--basedir", server, "--my", "max_connections=77");
            Assert.Contains("shop/node1", made.Must(), StringComparison.Ordinal);
            Assert.Contains("initializing node1", made.Errors, StringComparison.Ordinal);
            Assert.Equal("shop", (await RunAsync("create", "shop", "-t", "replication", "-n", "2", "--basedir", server, "--my", "max_connections=77", "--json")).Json.GetProperty("name").GetString());
            Assert.Contains("made with other settings", (await RunAsync("create", "shop", "--basedir", server)).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);

            Assert.Equal("replication", (await RunAsync("list", "--json")).Json[0].GetProperty("topology").GetString());
            Assert.Equal("Yes/Yes", (await RunAsync("status", "--json")).Json[1].GetProperty("replication")[0].GetString());
            Assert.Contains("77", (await ProgramAsync("use", "shop/node1", "--", "-BN", "-e", "SELECT @@max_connections")).Must(), StringComparison.Ordinal);
            Assert.Equal(1, (await ProgramAsync("use", "shop", "--user", "ro", "--", "-e", "CREATE DATABASE d")).Code);
            Assert.EndsWith("my.rw.cnf", (await RunAsync("use", "shop", "--user", "rw", "--json")).Json.GetProperty("optionFile").GetString(), StringComparison.Ordinal);
            Assert.Contains("has no server node9", (await RunAsync("use", "shop/node9")).MustEndWith(ExitCode.NotFound).Errors, StringComparison.Ordinal);

            (await RunAsync("stop", "shop")).Must();
            Assert.Contains("it does not run", (await RunAsync("status", "shop")).MustEndWith(ExitCode.Failed).Output, StringComparison.Ordinal);
            (await RunAsync("start", "shop")).Must();

            Assert.Contains("Give --yes", (await RunAsync("delete", "shop")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
            Assert.Contains("Nothing was deleted", (await AskedAsync("n\n")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
            Assert.Contains("deleted", (await AskedAsync("y\n")).Must(), StringComparison.Ordinal);
            Assert.False(Directory.Exists(_root.Combine("shop")));
        }
        finally
        {
            await RunAsync("delete", "shop", "--yes");
        }
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task SandboxNamesAreCompleted()
    {
        var server = Server();
        try
        {
            (await RunAsync("create", "shop", "--basedir", server)).Must();
            var words = await Run.ProgramAsync(
                Run.FlotillaPath, ["[suggest:21]", "flotilla sandbox use "], new Dictionary<string, string> { ["FLOTILLA_SANDBOXES"] = _root.Path, ["PATH"] = "/usr/bin:/bin" });
            Assert.Contains("shop", words.Must().Split('\n'));
        }
        finally
        {
            await RunAsync("delete", "shop", "--yes");
        }
    }

    private static string Server()
    {
        CPeer.Gearmand();
        return Repository.Combine(".tools", "peers", "mariadb", "usr");
    }

    private Task<CliResult> AskedAsync(string answer) => RunAsync(new TestConsole(answer) { IsInputTerminal = true }, "delete", "shop");

    private Task<CliResult> RunAsync(params string[] arguments) => RunAsync(new TestConsole(), arguments);

    private async Task<CliResult> RunAsync(TestConsole console, params string[] arguments)
    {
        console.Variables["FLOTILLA_SANDBOXES"] = _root.Path;
        // Longer than other commands have: a server may have to make its system tables on a busy machine.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var code = await Cli.Commands.FlotillaCommand.RunAsync(["sandbox", .. arguments], console, patience.Token);
        return new CliResult(code, console.Written, console.Errors);
    }

    private Task<CliResult> ProgramAsync(params string[] arguments)
        => Run.ProgramAsync(Run.FlotillaPath, ["sandbox", .. arguments], new Dictionary<string, string> { ["FLOTILLA_SANDBOXES"] = _root.Path, ["PATH"] = "/usr/bin:/bin" });
}
