using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary>What people are told: in words of the command line, on one line, with the right exit code.</summary>
public sealed class PlainWordsTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    [Theory]
    [InlineData("Must be one of: ", "jobs", "submit", "f", "x", "--priority", "urgent")]
    [InlineData("Must be one of: 'bash', ", "completion", "tcsh")]
    [InlineData("--store must be file, sqlite or memory, not 'bogus'", "jobs", "serve", "--store", "bogus")]
    [InlineData("--store must be file, sqlite or memory, not '1'", "jobs", "serve", "--store", "1")]
    [InlineData("-retries must be 0 or more", "jobs", "serve", "-j", "-1")]
    [InlineData("--attempts must be 0 or more", "jobs", "policy", "f", "--attempts", "-1")]
    public async Task WrongValuesAreSaidOnOneLine(string expected, params string[] arguments)
    {
        var result = await Run.FlotillaAsync(arguments);
        Assert.Equal(2, result.Code);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("\\x", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Flotilla.", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LimitsThatTheLibraryRefusesAreWrongUse()
        => Assert.Equal(2, (await server.RunAsync("jobs", "work", "x", "--timeout", "0s")).Code);

    [Fact]
    public async Task NamesOfOurParametersAreNotShown()
    {
        var result = await server.RunAsync("jobs", "submit", "f", "x", "-b", "-u", new string('u', 65));
        Assert.Equal(2, result.Code);
        Assert.DoesNotContain("Parameter", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APauseOfAFunctionThatNobodyNamedYetSaysSo()
    {
        Assert.Contains("paused (new: ", (await server.RunAsync("jobs", "pause", "nosuch")).Must(), StringComparison.Ordinal);
        (await server.RunAsync("jobs", "submit", "named", "x", "-b")).Must();
        Assert.DoesNotContain("new", (await server.RunAsync("jobs", "pause", "named")).Must(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APolicyOfAFunctionThatNobodyNamedYetSaysSo()
    {
        var result = await server.RunAsync("jobs", "policy", "unheard", "--attempts", "3");
        result.Must();
        Assert.Matches("^flotilla: note: the function 'unheard' is new on [^\n]*: no worker or job has named it yet\n$", result.Errors);
        Assert.Equal("", (await server.RunAsync("jobs", "policy", "unheard")).Errors);
    }

    [Theory]
    [InlineData("missing", "there is no such socket")]
    [InlineData("file", "no server listens on that socket")]
    [InlineData("", "that is a folder, not a socket")]
    public async Task ASocketThatIsNotThereIsSaidInOurWords(string name, string expected)
    {
        using var folder = new TempFolder();
        folder.Write("file", "");
        var path = name.Length == 0 ? folder.Path : folder.Combine(name);
        foreach (var arguments in (string[][])[["jobs", "status"], ["jobs", "submit", "f", "x", "--timeout", "3s"], ["jobs", "policy", "f"]])
        {
            var result = (await Run.FlotillaAsync([.. arguments, "-s", $"unix:{path}"])).MustEndWith(ExitCode.NoServer);
            Assert.Contains($"unix:{path}", result.Errors, StringComparison.Ordinal);
            Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
            Assert.Contains("--listen unix:/PATH", result.Errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("file", "/proc/flotilla", "can't make the folder /proc/flotilla: /proc takes no files or folders of ours")]
    [InlineData("sqlite", "/proc/flotilla", "can't make the folder /proc/flotilla.lock: /proc takes no files or folders of ours")]
    [InlineData("file", "/dev/null", "can't make the folder /dev/null: there is a file of that name")]
    public async Task AStoreThatCannotBeMadeIsSaidInOurWords(string store, string path, string expected)
    {
        var result = (await Run.FlotillaAsync(
            "jobs", "serve", "--store", store, "--store-path", path, "-L", "127.0.0.1:0", "--http", "none", "--management", "none")).MustEndWith(ExitCode.Failed);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.Contains("Name another place with --store-path", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Could not", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JobsWithoutAKeyAreNoRowsAmongTheUniqueKeys()
    {
        (await server.RunAsync("jobs", "submit", "keys", "x", "-b")).Must();
        (await server.RunAsync("jobs", "submit", "keys", "x", "-b", "-u", "mine")).Must();
        var written = (await server.RunAsync("jobs", "show", "unique", "--json")).Must();
        Assert.Contains("\"mine\"", written, StringComparison.Ordinal);
        Assert.DoesNotContain("\"\"", written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CountedJobsAreNotExceededWhenSeveralMayRunAtOnce()
    {
        for (var job = 0; job < 8; job++)
            (await server.RunAsync("jobs", "submit", "counted", "x", "-b")).Must();
        var worker = new RunningWorker(server.Address, "counted", "-n", "4", "--count", "2", "--", "sh", "-c", "echo x");
        Assert.Equal(0, await worker.Ended.WaitAsync(Deadline.Default));
        Assert.Contains("\"queued\":6", (await server.RunAsync("jobs", "status", "counted", "--json")).Must(), StringComparison.Ordinal);
    }
}
