using System.Globalization;
using System.Text.RegularExpressions;
using Flotilla.Integration.Tests.Peers;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Clients;

/// <summary>The command-line tools of libgearman, `gearman` and `gearadmin`, against both servers.</summary>
public sealed partial class ToolTests
{
    public static TheoryData<ServerKind> Servers => [.. Enum.GetValues<ServerKind>()];

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Servers))]
    public async Task TheGearmanToolCallsAWorkerOfItsOwn(ServerKind kind)
    {
        Peer.Require();
        await using var server = await Server.StartAsync(kind);
        await using var worker = Gearman(server, "-w", "-f", "shout", "--", "tr", "a-z", "A-Z");
        await UntilWorkerAsync(server, "shout");
        Assert.Equal(["HELLO"], await RunAsync(server, "-f", "shout", "hello"), StringComparer.Ordinal);
        Assert.Equal(["HIGH"], await RunAsync(server, "-I", "-f", "shout", "high"), StringComparer.Ordinal);
        Assert.Equal(["LOW"], await RunAsync(server, "-L", "-u", "key", "-f", "shout", "low"), StringComparer.Ordinal);
        Assert.Equal(["shout: HELLO"], await RunAsync(server, "-P", "-f", "shout", "hello"), StringComparer.Ordinal);
    }

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Servers))]
    public async Task TheGearmanToolSendsOneJobPerLine(ServerKind kind)
    {
        Peer.Require();
        await using var server = await Server.StartAsync(kind);
        await using var worker = Gearman(server, "-w", "-f", "shout", "--", "tr", "a-z", "A-Z");
        await UntilWorkerAsync(server, "shout");
        await using var client = Gearman(server, "-n", "-f", "shout");
        client.WriteLine("one");
        client.WriteLine("two");
        client.CloseInput();
        Assert.Equal(0, await client.ExitAsync());
        Assert.Equal(["ONE", "TWO"], client.Lines, StringComparer.Ordinal);
    }

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Servers))]
    public async Task TheGearmanToolSubmitsInTheBackgroundByPriority(ServerKind kind)
    {
        Peer.Require();
        await using var server = await Server.StartAsync(kind);
        foreach (var (flag, text) in new[] { ("-L", "low"), ("-u", "key"), ("-I", "high") })
            await RunAsync(server, flag == "-u" ? ["-b", flag, "key", "-f", "later", text] : ["-b", flag, "-f", "later", text]);
        Assert.Equal(["later\t3\t0\t0", "."], await AdminAsync(server, "--status"), StringComparer.Ordinal);
        await using var worker = Gearman(server, "-w", "-c", "3", "-f", "later");
        await Deadline.UntilAsync(() => string.Concat(worker.Lines).Length >= "highkeylow".Length, "the worker prints what it got");
        Assert.Matches("^high.*low$", string.Concat(worker.Lines));
        await Deadline.UntilAsync(async () => (await AdminLine.StatusAsync(server.Endpoint, "later")).Jobs == 0, "all jobs are done");
    }

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Servers))]
    public async Task TheGearmanToolGivesUpAfterItsTimeout(ServerKind kind)
    {
        Peer.Require();
        await using var server = await Server.StartAsync(kind);
        await using var waiting = Gearman(server, "-t", "200", "-f", "nobody", "x");
        await waiting.ExitAsync();
        Assert.Contains("imeout", string.Concat(waiting.Lines) + waiting.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Servers))]
    public async Task GearadminAsksForEverything(ServerKind kind)
    {
        Peer.Require();
        await using var server = await Server.StartAsync(kind);
        await RunAsync(server, "-b", "-u", "key", "-f", "later", "x");
        Assert.Equal(["later\t1\t0\t0", "."], await AdminAsync(server, "--status"), StringComparer.Ordinal);
        Assert.Equal(["later\t0\t1\t0\t0", "."], await AdminAsync(server, "--priority-status"), StringComparer.Ordinal);
        Assert.Equal(["key", "."], await AdminAsync(server, "--show-unique-jobs"), StringComparer.Ordinal);
        Assert.Matches("^[0-9]+ 127.0.0.1 - :$", (await AdminAsync(server, "--workers"))[0]);
        Assert.Matches("^[0-9]+$|^OK [0-9]+$", (await AdminAsync(server, "--getpid"))[0]);
        Assert.Matches("[0-9]+\\.[0-9]+", (await AdminAsync(server, "--server-version"))[0]);
        Assert.Contains("ERROR", (await AdminAsync(server, "--server-verbose"))[0], StringComparison.Ordinal);
    }

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Servers))]
    public async Task GearadminCreatesDropsAndCancels(ServerKind kind)
    {
        Peer.Require();
        await using var server = await Server.StartAsync(kind);
        await AdminAsync(server, "--create-function", "made");
        Assert.Equal(["made\t0\t0\t0", "."], await AdminAsync(server, "--status"), StringComparer.Ordinal);
        await AdminAsync(server, "--drop-function", "made");
        Assert.Equal(["."], await AdminAsync(server, "--status"), StringComparer.Ordinal);
        await RunAsync(server, "-b", "-f", "later", "x");
        var handle = Handle().Match((await AdminAsync(server, "--show-jobs"))[0]).Value;
        Assert.NotEmpty(handle);
        await AdminAsync(server, "--cancel-job", handle);
        await using var worker = Gearman(server, "-w", "-f", "later");
        await Deadline.UntilAsync(async () => await AdminLine.StatusAsync(server.Endpoint, "later") is (0, 0, 1), "the cancelled job is gone");
        Assert.Empty(worker.Lines);
    }

    private static string Port(IServerUnderTest server) => server.Endpoint.Port.ToString(CultureInfo.InvariantCulture);

    private static ClientProgram Gearman(IServerUnderTest server, params IEnumerable<string> arguments) =>
        new("gearman", ["-h", "127.0.0.1", "-p", Port(server), .. arguments]);

    private static async Task<IReadOnlyList<string>> RunAsync(IServerUnderTest server, params IEnumerable<string> arguments)
    {
        await using var client = Gearman(server, arguments);
        Assert.True(await client.ExitAsync() == 0, client.Errors);
        return client.Lines;
    }

    private static async Task<IReadOnlyList<string>> AdminAsync(IServerUnderTest server, params IEnumerable<string> arguments)
    {
        await using var tool = new ClientProgram("gearadmin", ["-h", "127.0.0.1", "-p", Port(server), .. arguments]);
        Assert.True(await tool.ExitAsync() == 0, string.Concat(tool.Lines) + tool.Errors);
        return tool.Lines;
    }

    private static Task UntilWorkerAsync(IServerUnderTest server, string function) => Deadline.UntilAsync(
        async () => (await AdminLine.StatusAsync(server.Endpoint, function)).Workers > 0, "the worker says what it can do");

    [GeneratedRegex(@"^H:\S+", RegexOptions.NonBacktracking)]
    private static partial Regex Handle();
}
