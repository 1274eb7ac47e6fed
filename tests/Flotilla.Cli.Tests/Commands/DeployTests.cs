using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla deploy</c> and <c>flotilla worker host</c> as a user meets them.</summary>
public sealed class DeployTests(ServerProcess server) : IClassFixture<ServerProcess>, IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Of loopback, and nobody else's: so its ports are free.</summary>
    private readonly string _address = $"127.{Random.Shared.Next(10, 250)}.{Random.Shared.Next(1, 255)}.9";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WithoutDeploymentsTheStatusSaysHowToMakeOne()
    {
        var result = await DeployAsync("status");
        Assert.Equal("", result.Must());
        Assert.Contains("'flotilla deploy replication' makes one", result.Errors, StringComparison.Ordinal);
        Assert.Equal("[]", (await DeployAsync("status", "--json")).Must().Trim());
    }

    [Fact]
    public async Task WhatCanNotBeMeantIsRefused()
    {
        Assert.Contains("which hosts?", (await DeployAsync("replication")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("--resume needs --name", (await DeployAsync("replication", "--resume")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("is no name for a host", (await DeployAsync("replication", "--hosts", "a/b")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("can't be given from afar", (await DeployAsync("replication", "--hosts", "a", "--my", "plugin_load=x")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("there is no deployment none", (await DeployAsync("remove", "none", "--yes")).MustEndWith(ExitCode.NotFound).Errors, StringComparison.Ordinal);
        Assert.Contains("there is no deployment none", (await DeployAsync("status", "none")).MustEndWith(ExitCode.NotFound).Errors, StringComparison.Ordinal);
        Assert.Contains("no worker of moon is registered", (await DeployAsync("replication", "--hosts", "moon")).MustEndWith(ExitCode.NoServer).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AJobServerThatOthersReachIsRefusedWithoutASecret()
    {
        foreach (var arguments in (string[][])[["worker", "host", "--name", "h"], ["deploy", "replication", "--hosts", "h"], ["deploy", "diagnose"]])
        {
            var result = (await Run.FlotillaAsync([.. arguments, "--job-servers", "192.0.2.1,192.0.2.2:4731"])).MustEndWith(ExitCode.NotAuthorized);
            Assert.Contains("job server 192.0.2.1:4730 is not on this machine's loopback", result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task ReplicationIsDeployedLookedAtAndRemoved()
    {
        using var worker = Run.Start(
            Run.FlotillaPath,
            ["worker", "host", "--name", "one", "--server", server.Address, "--root", _folder.Combine("s"), "--address", _address, "--basedir", Basedir(), "--json"],
            Environment());
        try
        {
            var greeting = await worker.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Default * 2);
            Assert.Contains("\"make_sandbox\"", greeting, StringComparison.Ordinal);
            await Deadline.UntilAsync(async () => (await server.RunAsync("jobs", "workers", "--json")).Output.Contains("load_data@one", StringComparison.Ordinal), "the worker is known", Deadline.Default * 2);

            var planned = (await DeployAsync("replication", "--hosts", "one,one", "--name", "shop", "--dry-run", "--json")).Json;
            Assert.Equal("planned", planned.GetProperty("state").GetString());
            Assert.Equal(4, planned.GetProperty("steps").GetArrayLength());
            Assert.Equal(_address, (await DeployAsync("diagnose", "--json")).Json[0].GetProperty("address").GetString());

            var made = await DeployProgramAsync("replication", "--hosts", "one,one", "--name", "shop");
            Assert.Contains("node1", made.Must(), StringComparison.Ordinal);
            Assert.StartsWith($"installing master (one, {_address}:", made.Errors, StringComparison.Ordinal);
            Assert.Contains("installing slave 0 (one, ", made.Errors, StringComparison.Ordinal);
            Assert.Contains("initializing slave 0 (one)", made.Errors, StringComparison.Ordinal);
            Assert.Equal("Yes/Yes", (await DeployAsync("status", "--json")).Json[1].GetProperty("replication")[0].GetString());
            Assert.Contains("log: ", (await DeployAsync("diagnose", "shop")).Must(), StringComparison.Ordinal);
            Assert.Contains("there is a deployment shop here already", (await DeployAsync("replication", "--hosts", "one", "--name", "shop")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
            Assert.Contains("wants a yes", (await DeployAsync("remove", "shop")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
            Assert.Equal("removed", (await DeployProgramAsync("remove", "shop", "--yes", "--json")).Json[0].GetProperty("outcome").GetString());
            Assert.False(Directory.Exists(_folder.Combine("d/shop")));
        }
        finally
        {
            if (Directory.Exists(_folder.Combine("d/shop")))
                await DeployProgramAsync("remove", "shop", "--yes");
            worker.Kill();
            await worker.WaitForExitAsync();
        }
    }

    private static string Basedir()
    {
        CPeer.Gearmand();
        return Repository.Combine(".tools", "peers", "mariadb", "usr");
    }

    private static Dictionary<string, string> Environment() => new() { ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "", ["HOME"] = "/nonexistent", ["DOTNET_ROOT"] = System.Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "" };

    private string[] Words(string[] arguments) => ["deploy", .. arguments, "--server", server.Address, "--folder", _folder.Combine("d")];

    private Task<CliResult> DeployAsync(params string[] arguments) => Run.FlotillaAsync(Words(arguments));

    /// <summary>As a program, with more time than a command in this process gets.</summary>
    private Task<CliResult> DeployProgramAsync(params string[] arguments) => Run.ProgramAsync(Run.FlotillaPath, Words(arguments), Environment(), TimeSpan.FromMinutes(4));
}
