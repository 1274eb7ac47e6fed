using System.Text.RegularExpressions;
using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>Every script of every topology, run against real servers.</summary>
[Trait("tier", "full")]
public sealed class GroupScriptTests(TemplateCache templates)
{
    /// <summary>What the other scripts read, and no script itself.</summary>
    private const string Include = "sb_include";

    private readonly HashSet<string> _run = new(StringComparer.Ordinal);
    private string _folder = "";

    [Theory]
    [InlineData("mariadb", SandboxTopology.Replication)]
    [InlineData("mariadb", SandboxTopology.Ring)]
    [InlineData("mariadb", SandboxTopology.AllMasters)]
    [InlineData("mariadb", SandboxTopology.FanIn)]
    [InlineData("mysql", SandboxTopology.Replication)]
    public async Task EveryScriptOfAReplicatingGroupWorks(string flavor, SandboxTopology topology)
    {
        var server = await (flavor == "mysql" ? Servers.MySqlAsync() : Servers.MariaDbAsync());
        await using var root = await TempRoot.CreateAsync(templates, server);
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "g", Topology = topology, Server = server });
        _folder = made.Folder;

        await CheckSlavesAsync(made);
        await RunsAsync("test_replication");
        await ShortcutsAsync(made);
        Assert.Equal(3, Regex.Count(await RunsAsync("status_all"), " on  port "));
        Assert.Equal(3, Regex.Count(await RunsAsync("use_all", "SELECT @@port"), "@@port"));
        await RunsAsync("use_all_masters", "CREATE DATABASE IF NOT EXISTS d");
        await RunsAsync("use_all_slaves", "SELECT 1");
        Assert.Equal(3, Regex.Count(await RunsAsync("exec_all", "./status"), "^# ", RegexOptions.Multiline));

        await RunsAsync("restart_all");
        await EventuallyAsync("check_slaves");
        await RunsAsync("test_replication");
        await RunsAsync("send_kill_all", "destroy");
        Assert.Equal(1, (await Shell.RunAsync(Path.Combine(_folder, "status_all"))).Code);
        await RunsAsync("start_all");
        await EventuallyAsync("check_slaves");

        await RunsAsync("clear_all");
        Assert.NotEqual(0, (await Shell.RunAsync(Path.Combine(_folder, "check_slaves"))).Code);
        await RunsAsync("start_all");
        Assert.Contains("initializing ", await RunsAsync("initialize_slaves"), StringComparison.Ordinal);
        Assert.Contains(" connected already", await RunsAsync("initialize_slaves"), StringComparison.Ordinal);
        await RunsAsync("test_replication");
        Assert.DoesNotContain("d\n", await RunsAsync("n1", "-BN", "-e", "SHOW DATABASES LIKE 'd'"), StringComparison.Ordinal);
        await RunsAsync("stop_all");
        Assert.Empty(root.Processes());
        AllWereRun(_folder);
    }

    [Fact]
    public async Task EveryScriptOfSeveralServersWorks()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "g", Topology = SandboxTopology.Multiple, Nodes = 2, Server = server });
        _folder = made.Folder;

        Assert.Equal(["11", "22"], (await Task.WhenAll(RunsAsync("n1", "-BN", "-e", "SELECT 11"), RunsAsync("n2", "-BN", "-e", "SELECT 22"))).Select(text => text.Trim()));
        await RunsAsync("status_all");
        await RunsAsync("use_all", "CREATE DATABASE d");
        await RunsAsync("exec_all", "./status");
        await RunsAsync("restart_all");
        Assert.Equal("d", (await RunsAsync("n2", "-BN", "-e", "SHOW DATABASES LIKE 'd'")).Trim());
        await RunsAsync("clear_all");
        await RunsAsync("start_all");
        Assert.Equal("", (await RunsAsync("n2", "-BN", "-e", "SHOW DATABASES LIKE 'd'")).Trim());
        await RunsAsync("send_kill_all");
        await RunsAsync("start_all");
        await RunsAsync("stop_all");
        Assert.Empty(root.Processes());
        AllWereRun(_folder);
    }

    private async Task CheckSlavesAsync(SandboxInstance made)
    {
        var text = await RunsAsync("check_slaves");
        var connections = made.Nodes.Sum(node => node.Sources.Count);
        Assert.Equal(connections, Regex.Count(text, "Slave_IO_Running: Yes"));
        Assert.Equal(connections, Regex.Count(text, "Slave_SQL_Running: Yes"));
    }

    private async Task ShortcutsAsync(SandboxInstance made)
    {
        foreach (var (name, node) in GroupWriter.Shortcuts(made.Record))
            Assert.Equal($"{node.Port}", (await RunsAsync(name, "-BN", "-e", "SELECT @@port")).Trim());
    }

    private async Task EventuallyAsync(string script)
        => await TestSupport.Deadline.UntilAsync(async () => (await Shell.RunAsync(Path.Combine(_folder, script))).Code == 0, script, TimeSpan.FromMinutes(2));

    private Task<string> RunsAsync(string script, params string[] arguments)
    {
        _run.Add(script);
        return Shell.MustAsync(Path.Combine(_folder, script), arguments);
    }

    private void AllWereRun(string folder)
        => Assert.Equal(
            Directory.GetFiles(folder).Where(file => File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute)).Select(Path.GetFileName).Except([Include]).Order(),
            _run.Order());
}
