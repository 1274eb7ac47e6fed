using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>Every script of a single sandbox, run against real servers.</summary>
[Trait("tier", "full")]
public sealed class NodeScriptTests(TemplateCache templates)
{
    private readonly HashSet<string> _run = new(StringComparer.Ordinal);
    private string _folder = "";

    [Theory]
    [InlineData("mariadb")]
    [InlineData("mysql")]
    public async Task EveryScriptOfASingleServerWorks(string flavor)
    {
        var server = await (flavor == "mysql" ? Servers.MySqlAsync() : Servers.MariaDbAsync());
        await using var root = await TempRoot.CreateAsync(templates, server);
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "one", Server = server });
        _folder = made.Folder;

        await RunningAsync(made);
        await DataAsync();
        await UsersAsync();
        await LogsAsync();
        Assert.Empty(root.Processes());
        Assert.Equal(
            Directory.GetFiles(_folder).Where(file => File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute)).Select(Path.GetFileName).Order(),
            _run.Order());
    }

    private async Task RunningAsync(SandboxInstance made)
    {
        Assert.Contains($"one on  port {made.Nodes[0].Port}", await RunsAsync("status"), StringComparison.Ordinal);
        Assert.Contains("already running", await RunsAsync("start"), StringComparison.Ordinal);
        Assert.Contains("stopped", await RunsAsync("stop"), StringComparison.Ordinal);
        Assert.Contains("not running", await RunsAsync("stop"), StringComparison.Ordinal);
        var status = await Shell.RunAsync(Path.Combine(_folder, "status"));
        Assert.Equal((1, true), (status.Code, status.Output.StartsWith("one off", StringComparison.Ordinal)));
        Assert.Contains("started", await RunsAsync("start"), StringComparison.Ordinal);
        Assert.Contains("started", await RunsAsync("restart", "--max-connections=33"), StringComparison.Ordinal);
        Assert.Equal("33", await ValueAsync("use", "SELECT @@max_connections"));
        Assert.Contains("killed", await RunsAsync("send_kill", "destroy"), StringComparison.Ordinal);
        await RunsAsync("start");
        Assert.Contains("stopped", await RunsAsync("send_kill"), StringComparison.Ordinal);
        await RunsAsync("start");
        await RunsAsync("add_option", "max_connections=44", "sort_buffer_size=1M");
        Assert.Equal("44", await ValueAsync("use", "SELECT @@max_connections"));
        var wrong = await Shell.RunAsync(Path.Combine(_folder, "add_option"), "no_such_option=1");
        Assert.Contains("does not start with no_such_option=1; my.cnf is as it was", wrong.Errors, StringComparison.Ordinal);
        Assert.Equal("44", await ValueAsync("use", "SELECT @@max_connections"));
    }

    private async Task DataAsync()
    {
        await RunsAsync("use", "-e", "CREATE DATABASE d; CREATE TABLE d.t (n INT)");
        Assert.NotEqual(0, (await Shell.RunAsync(Path.Combine(_folder, "init_db"))).Code);
        await RunsAsync("wipe_and_restart");
        Assert.Equal("", await ValueAsync("use", "SHOW DATABASES LIKE 'd'"));
        await RunsAsync("use", "-e", "CREATE DATABASE d");
        await RunsAsync("clear");
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
        // Without its template the server makes its data itself.
        Directory.Delete(Path.Combine(Path.GetDirectoryName(_folder)!, ".templates"), recursive: true);
        await RunsAsync("init_db");
        await RunsAsync("start");
        Assert.Equal("", await ValueAsync("use", "SHOW DATABASES LIKE 'd'"));
    }

    private async Task UsersAsync()
    {
        await RunsAsync("use", "-e", "CREATE DATABASE d; CREATE TABLE d.t (n INT)");
        await RunsAsync("use_rw", "-e", "INSERT INTO d.t VALUES (7)");
        Assert.Equal("7", await ValueAsync("use_ro", "SELECT n FROM d.t"));
        Assert.NotEqual(0, (await Shell.RunAsync(Path.Combine(_folder, "use_ro"), "-e", "INSERT INTO d.t VALUES (8)")).Code);
        Assert.NotEqual(0, (await Shell.RunAsync(Path.Combine(_folder, "use_rw"), "-e", "SET GLOBAL max_connections = 5")).Code);
        Assert.StartsWith("root@localhost", await ValueAsync("use_root", "SELECT CURRENT_USER()"), StringComparison.Ordinal);
        Assert.Equal("0", await ValueAsync("use_root", "SELECT COUNT(*) FROM mysql.user WHERE User = '' OR (User = 'root' AND Host <> 'localhost')"));

        await RunsAsync("use_root", "-e", "DROP USER msandbox_ro@localhost");
        await RunsAsync("load_grants");
        Assert.Equal("7", await ValueAsync("use_ro", "SELECT n FROM d.t"));
        await RunsAsync("use_root", "-e", "SET PASSWORD FOR msandbox@localhost = PASSWORD('lost')");
        Assert.NotEqual(0, (await Shell.RunAsync(Path.Combine(_folder, "use"), "-e", "SELECT 1")).Code);
        await RunsAsync("load_grants", "restart");
        Assert.Equal("1", await ValueAsync("use", "SELECT 1"));
    }

    private async Task LogsAsync()
    {
        var logs = (await RunsAsync("show_binlog", "list")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("mysql-bin.000001", logs);
        Assert.Contains("CREATE DATABASE d", await RunsAsync("show_binlog", "1"), StringComparison.Ordinal);
        Assert.Contains("end_log_pos", await RunsAsync("show_binlog", logs[0], "--base64-output=never"), StringComparison.Ordinal);
        Assert.Contains("end_log_pos", await RunsAsync("show_binlog"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await Shell.RunAsync(Path.Combine(_folder, "show_binlog"), "999")).Code);
        Assert.Contains("there is no relay log", (await Shell.RunAsync(Path.Combine(_folder, "show_relaylog"))).Errors, StringComparison.Ordinal);
        _run.Add("show_relaylog");
        Assert.Contains("ready for connections", await RunsAsync("show_log"), StringComparison.Ordinal);
        Assert.Contains("Uptime", await RunsAsync("my", "sqladmin", "status"), StringComparison.Ordinal);
        Assert.Contains("| n ", await RunsAsync("my", "sqlshow", "d", "t"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await Shell.RunAsync(Path.Combine(_folder, "my"), "sqlnothing")).Code);
        await RunsAsync("stop");
    }

    private async Task<string> ValueAsync(string script, string statement) => (await RunsAsync(script, "-BN", "-e", statement)).Trim();

    private Task<string> RunsAsync(string script, params string[] arguments)
    {
        _run.Add(script);
        return Shell.MustAsync(Path.Combine(_folder, script), arguments);
    }
}
