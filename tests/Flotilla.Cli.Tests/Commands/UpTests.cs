using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla up</c> and <c>down</c>, as people use them: real nodes, real servers, a kill -9.</summary>
[Trait("tier", "full")]
public sealed class UpTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TempFolder _folder = new();

    private string Folder => _folder.Combine("up");

    public async ValueTask DisposeAsync()
    {
        await FlotillaAsync("down", "--delete", "--yes");
        _folder.Dispose();
    }

    [Fact]
    public async Task AClusterComesUpHealsGoesOnAndIsRemoved()
    {
        using var first = Json(await FlotillaAsync("up", "--detach", "--json"));
        var management = first.RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("management").GetString()!["http://".Length..]).ToArray();
        var primary = first.RootElement.GetProperty("servers").EnumerateArray().Single(server => server.GetProperty("role").GetString() == "primary");
        Assert.Equal(3, first.RootElement.GetProperty("servers").GetArrayLength());

        // Killed while it is written to.
        using var writing = Run.Start(Run.FlotillaPath, ["up", "--load", "--for", "10s", "--folder", Folder], Environment);
        await UntilSaidAsync(writing.StandardError, "acknowledged");
        Signal(primary.GetProperty("pid").GetInt32(), "KILL");
        var errors = writing.StandardError.ReadToEndAsync();
        var load = await writing.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await writing.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(writing.ExitCode == 0, await errors);
        Assert.Matches("no write for [0-9]+ ms: last [0-9:.]+ on 127.0.0.1", load);
        Assert.Matches("acknowledged [1-9][0-9]*, lost 0, duplicates 0", load);

        var healed = await UntilHealthyAsync(management);
        Assert.NotEqual(primary.GetProperty("name").GetString(), PrimaryOf(healed));
        foreach (var key in (string[])["host", "port", "role", "status", "epoch", "lag"])
            Assert.All(healed.RootElement.EnumerateArray(), server => Assert.True(server.TryGetProperty(key, out _), key));

        // A node that is killed is started again, and its server is part of the cluster again.
        using var second = Json(await FlotillaAsync("up", "--detach", "--json"));
        var node = second.RootElement.GetProperty("nodes")[0].GetProperty("pid").GetInt32();
        Signal(node, "KILL");
        await Deadline.UntilAsync(() => !Directory.Exists($"/proc/{node}"), "the node is gone");
        await UntilHealthyAsync(management);

        (await FlotillaAsync("down")).Must();
        Assert.Equal("", await ProcessesAsync());

        // The same data, and every row of the load.
        using var third = Json(await FlotillaAsync("up", "--detach", "--json"));
        Assert.All(third.RootElement.GetProperty("servers").EnumerateArray(), server => Assert.True(Directory.Exists($"/proc/{server.GetProperty("pid").GetInt32()}")));
        (await FlotillaAsync("up", "--load", "--for", "1s")).Must();
        using var watching = Run.Start(Run.FlotillaPath, ["up", "--folder", Folder + "/"], Environment);
        await UntilSaidAsync(watching.StandardOutput, "  Stop ");
        (await FlotillaAsync("down", "--delete")).MustEndWith(ExitCode.Usage);
        (await FlotillaAsync("down", "--delete", "--yes")).Must();
        Assert.False(Directory.Exists(Folder));
        Assert.Contains("stopped by somebody else", await watching.StandardOutput.ReadToEndAsync().WaitAsync(Patience), StringComparison.Ordinal);
        Assert.Equal("", await ProcessesAsync());
    }

    [Fact]
    public async Task DownWithNothingUpSaysSo() => Assert.Contains("Nothing is up in", (await FlotillaAsync("down")).Errors, StringComparison.Ordinal);

    [Fact]
    public async Task AServerThatCannotKeepThePromisesIsRefused()
    {
        var result = (await FlotillaAsync("up", "--basedir", Repository.Combine(".tools", "peers", "mysql56"))).MustEndWith(ExitCode.Usage);

        Assert.Contains("is no MariaDB", result.Errors, StringComparison.Ordinal);
    }

    private static async Task UntilSaidAsync(StreamReader stream, string words)
    {
        string? line;
        do
        {
            line = await stream.ReadLineAsync().WaitAsync(Patience);
            Assert.True(line is not null, $"it never said '{words}'");
        }
        while (!line.Contains(words, StringComparison.Ordinal));
    }

    private Dictionary<string, string> Environment => new() { ["PATH"] = System.Environment.GetEnvironmentVariable("PATH")!, ["HOME"] = _folder.Combine("home") };

    private Task<CliResult> FlotillaAsync(params string[] arguments) => Run.ProgramAsync(Run.FlotillaPath, [.. arguments, "--folder", Folder], Environment, Patience);

    private async Task<JsonDocument> UntilHealthyAsync(string[] management)
    {
        var begun = Stopwatch.StartNew();
        while (true)
        {
            var result = await Run.FlotillaAsync(["cluster", "status", "--json", "--secret-file", Path.Combine(Folder, "management.secret"), .. management.SelectMany(node => (string[])["--node", node])]);
            if (result.Code == 0)
            {
                var status = JsonDocument.Parse(result.Output);
                if (status.RootElement.EnumerateArray().All(server => server.GetProperty("error").GetString()!.Length == 0))
                    return status;
            }

            Assert.True(begun.Elapsed < Patience, $"not healthy: {result.Output}{result.Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
    }

    private static string PrimaryOf(JsonDocument status)
        => status.RootElement.EnumerateArray().Single(server => server.GetProperty("role").GetString() == "primary").GetProperty("server").GetString()!;

    private static JsonDocument Json(CliResult result) => JsonDocument.Parse(result.Must());

    private static void Signal(int process, string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Command lines that name the folder.</summary>
    private async Task<string> ProcessesAsync()
    {
        var result = await Run.ProgramAsync("/bin/ps", ["-eo", "args"]);
        return string.Join('\n', result.Output.Split('\n').Where(line => line.Contains(Folder, StringComparison.Ordinal)));
    }
}
