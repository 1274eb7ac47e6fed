using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla node</c>: its file, and its life as a process. What it does to servers is tested with the cluster.</summary>
public sealed class NodeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Config => _folder.Combine("flotilla.yaml");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AFileWithoutAClusterIsRefusedWithWhatToDo()
    {
        await File.WriteAllTextAsync(Config, "store: { kind: memory }\n");

        var result = (await Run.FlotillaAsync("node", "--config", Config)).MustEndWith(ExitCode.Usage);

        Assert.Contains("has no section 'cluster'", result.Errors, StringComparison.Ordinal);
        Assert.Contains("flotilla jobs serve --config", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllThatIsWrongIsToldWithItsLine()
    {
        await File.WriteAllTextAsync(Config, "cluster:\n  node: Not A Name\n  secretfile: /etc/secret\n  servers:\n    - { name: a, serverId: many }\n");

        var result = (await Run.FlotillaAsync("node", "--config", Config, "--check")).MustEndWith(ExitCode.Usage);

        foreach (var part in (string[])["flotilla.yaml:2: cluster.node", "flotilla.yaml:3: unknown key 'secretfile' in cluster, did you mean 'secretFile'?", "serverId must be number", "needs folder", "needs socket"])
            Assert.Contains(part, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCanBeUsedIsSaidSo()
    {
        await WriteAsync(FreePort.Next());

        Assert.Contains("can be used", (await Run.FlotillaAsync("node", "--config", Config, "--check")).Must(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("node")));
    }

    [Fact]
    public async Task ASecretThatIsNotThereIsToldBeforeTheStart()
    {
        await WriteAsync(FreePort.Next());
        await File.WriteAllTextAsync(Config, (await File.ReadAllTextAsync(Config)).Replace("secret: a secret of these tests", $"secretFile: {_folder.Combine("none")}", StringComparison.Ordinal));

        Assert.Contains(_folder.Combine("none"), (await Run.FlotillaAsync("node", "--config", Config, "--check")).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANodeServesClusterJobsAndManagementUntilItIsToldToStop()
    {
        await WriteAsync(FreePort.Next());
        using var node = Run.Start(Run.FlotillaPath, ["node", "--config", Config, "--json", "--log-file", _folder.Combine("log")]);
        using var told = JsonDocument.Parse(await node.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Default * 2) ?? "{}");
        var management = told.RootElement.GetProperty("management")[0].GetString()!["http://".Length..];

        Assert.Equal("a", told.RootElement.GetProperty("node").GetString());
        (await Run.FlotillaAsync("jobs", "status", "--server", told.RootElement.GetProperty("gearman")[0].GetString()!)).Must();
        // No server is configured: the cluster is there, and has no primary.
        (await Run.FlotillaAsync("cluster", "history", "--node", management)).Must();

        using var kill = Process.Start("/bin/kill", [node.Id.ToString(CultureInfo.InvariantCulture)]);
        await node.WaitForExitAsync().WaitAsync(Deadline.Default * 2);
        Assert.Equal(0, node.ExitCode);
        Assert.Contains("Cluster node a stopped", await File.ReadAllTextAsync(_folder.Combine("log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APlaceThatIsTakenIsNamed()
    {
        await WriteAsync(FreePort.Next());
        using var node = Run.Start(Run.FlotillaPath, ["node", "--config", Config, "--json", "--log-file", _folder.Combine("log")]);
        Assert.NotNull(await node.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Default * 2));
        var text = await File.ReadAllTextAsync(Config);
        await File.WriteAllTextAsync(Config, text.Replace(_folder.Combine("node"), _folder.Combine("other"), StringComparison.Ordinal));

        var second = (await Run.FlotillaAsync("node", "--config", Config)).MustEndWith(ExitCode.Failed);

        Assert.Contains("cluster.listen", second.Errors, StringComparison.Ordinal);
        node.Kill();
        await node.WaitForExitAsync();
    }

    [Theory]
    [InlineData("jobServer: { listeners: [ { endPoint: 127.0.0.1:0 } ] }", "jobServer: { listeners: [ { endPoint: 127.0.0.1:PORT } ] }", "jobServer.listeners")]
    [InlineData("management: { listen: 127.0.0.1:0 }", "management: { listen: 127.0.0.1:PORT }", "management.listen")]
    [InlineData("lines: none", "lines: 127.0.0.1:PORT", "cluster.lines")]
    public async Task AnotherProgramsPortIsNamedWithItsHolderBeforeAnythingIsStarted(string free, string taken, string key)
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var port = ((IPEndPoint)other.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);
        await WriteAsync(FreePort.Next());
        await File.WriteAllTextAsync(Config, (await File.ReadAllTextAsync(Config)).Replace(free, taken.Replace("PORT", port, StringComparison.Ordinal), StringComparison.Ordinal));
        foreach (var words in (string[][])[["--check"], []])
        {
            var errors = (await Run.FlotillaAsync(["node", "--config", Config, .. words])).MustEndWith(ExitCode.Failed).Errors;
            Assert.Contains($"{key}: 127.0.0.1:{port} is taken by process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} (", errors, StringComparison.Ordinal);
            Assert.Contains("name other places in the file", errors, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_folder.Combine("node")));
    }

    [Fact]
    public async Task OnePlaceForTwoPurposesIsTold()
    {
        var port = FreePort.Next();
        await WriteAsync(port);
        await File.WriteAllTextAsync(Config, (await File.ReadAllTextAsync(Config)).Replace("management: { listen: 127.0.0.1:0 }", $"management: {{ listen: 127.0.0.1:{port} }}", StringComparison.Ordinal));
        Assert.Contains($"cluster.listen and management.listen are the same place, 127.0.0.1:{port}", (await Run.FlotillaAsync("node", "--config", Config, "--check")).MustEndWith(ExitCode.Failed).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileCanBeCheckedWhileItsNodeRunsWhichIsNotStartedTwice()
    {
        await WriteAsync(FreePort.Next());
        using var node = Run.Start(Run.FlotillaPath, ["node", "--config", Config, "--json", "--log-file", _folder.Combine("log")]);
        Assert.NotNull(await node.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Default * 2));
        (await Run.FlotillaAsync("node", "--config", Config, "--check")).Must();
        Assert.Contains($"process {node.Id} (flotilla), which is this node", (await Run.FlotillaAsync("node", "--config", Config)).MustEndWith(ExitCode.Failed).Errors, StringComparison.Ordinal);
        node.Kill();
        await node.WaitForExitAsync();
    }

    [Fact]
    public async Task WhatAWatchedServerIsAndNeedsIsSaid()
    {
        await WriteAsync(FreePort.Next());
        await File.WriteAllTextAsync(Config, (await File.ReadAllTextAsync(Config)).Replace("lines: none", $"lines: none\n  servers: [ {{ name: db, serverId: 1, folder: {_folder.Combine("db")}, socket: /run/db.sock, supervise: watch }} ]", StringComparison.Ordinal));
        var said = (await Run.FlotillaAsync("node", "--config", Config, "--check")).Must();
        Assert.Contains("db is only watched", said, StringComparison.Ordinal);
        Assert.Contains("never becomes primary", said, StringComparison.Ordinal);
        Assert.Contains(_folder.Combine("db/start.cnf"), said, StringComparison.Ordinal);
    }

    private Task WriteAsync(int port) => File.WriteAllTextAsync(Config, string.Create(CultureInfo.InvariantCulture, $$"""
        cluster:
          node: a
          listen: 127.0.0.1:{{port}}
          nodes: [127.0.0.1:{{port}}]
          dataFolder: {{_folder.Combine("node")}}
          secret: a secret of these tests
          lines: none
        jobServer: { listeners: [ { endPoint: 127.0.0.1:0 } ] }
        store: { kind: memory }
        management: { listen: 127.0.0.1:0 }
        hostWorker: none
        """));
}
