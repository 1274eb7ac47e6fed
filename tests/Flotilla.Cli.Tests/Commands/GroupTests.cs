using System.Text.Json;
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
    public async Task RunRefusesAnAddressThatIsNone()
        => Assert.Contains("Write IP:PORT", (await Run.FlotillaAsync("group", "run", "a", "--listen", "here")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);

    [Fact]
    [Trait("tier", "full")]
    public async Task BenchMeasuresThreeProcessesAndEndsThem()
    {
        var result = await Run.FlotillaAsync("group", "bench", "--count", "50", "--json");

        var rows = JsonDocument.Parse(result.Must()).RootElement.EnumerateArray().ToList();
        Assert.Equal(["Ordered", "Safe", "SafeDurable"], rows.Select(row => row.GetProperty("delivery").GetString()!));
        Assert.All(rows, row => Assert.True(row.GetProperty("messagesPerSecond").GetInt64() > 0));
    }
}
