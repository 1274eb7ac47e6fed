using Flotilla.MySql;
using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>Making sandboxes: once, at the same time, with all that can be asked for.</summary>
[Trait("tier", "full")]
public sealed class SandboxRootTests(TemplateCache templates)
{
    [Fact]
    public async Task CreatingTwiceMakesOne()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var spec = new SandboxSpec { Name = "g", Topology = SandboxTopology.Replication, Nodes = 2, Server = server };
        await Task.WhenAll(root.Root.CreateAsync(spec), root.Root.CreateAsync(spec), new SandboxRoot(root.Folder).CreateAsync(spec));
        var first = await root.Root.StatusAsync("g");
        Assert.True(first.IsWell);
        await root.Root.CreateAsync(spec with { Server = server with { ToolFolders = [] } });
        Assert.Equal(first.Nodes.Select(node => node.ProcessId), (await root.Root.StatusAsync("g")).Nodes.Select(node => node.ProcessId));

        await root.Root.StopAsync("g");
        File.Delete(root.Combine("g", "node1", "start"));
        await root.Root.CreateAsync(spec);
        Assert.All((await root.Root.StatusAsync("g")).Nodes, node => Assert.True(node.Answers, node.Problem));
        var other = await Assert.ThrowsAsync<SandboxException>(() => root.Root.CreateAsync(spec with { Nodes = 3 }));
        Assert.Equal(SandboxProblem.Conflict, other.Problem);
        Assert.Contains("made with other settings", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SandboxesMadeAtTheSameTimeGetPortsOfTheirOwn()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var made = await Task.WhenAll(Enumerable.Range(1, 4).Select(at => new SandboxRoot(root.Folder).CreateAsync(new SandboxSpec { Name = $"s{at}", Server = server })));
        Assert.Equal(4, made.Select(one => one.Nodes[0].Port).Distinct().Count());
        Assert.Equal(["s1", "s2", "s3", "s4"], root.Root.List().Select(one => one.Name));
        await Task.WhenAll(made.Select(one => root.Root.RemoveAsync(one.Name)));
        root.MustBeEmpty();
    }

    [Fact]
    public async Task PasswordsAreInFilesThatOnlyTheirOwnerReads()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "g", Topology = SandboxTopology.Replication, Nodes = 2, Server = server });
        var credentials = made.ReadCredentials();
        string[] secrets = [credentials.Root, credentials.User, credentials.ReadWrite, credentials.ReadOnly, credentials.Replication];
        var files = Directory.EnumerateFiles(made.Folder, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/data/", StringComparison.Ordinal) && !file.EndsWith(".sock", StringComparison.Ordinal)).ToList();
        var telling = files.Where(file => secrets.Any(secret => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal))).ToList();
        Assert.Equal(12, telling.Count);
        Assert.All(telling, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made.Folder));
        Assert.DoesNotContain(root.Processes(), line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ReplicasFollowByFileAndPosition()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        await FollowsAsync(root, new SandboxSpec { Topology = SandboxTopology.Replication, Nodes = 2, Server = server, UseGtid = false }, "Using_Gtid: No");
    }

    [Fact]
    public async Task MySqlReplicasFollowByFileAndPosition()
    {
        var server = await Servers.MySqlAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        await FollowsAsync(root, new SandboxSpec { Topology = SandboxTopology.Replication, Nodes = 2, Server = server, UseGtid = false }, "Auto_Position: 0");
    }

    [Fact]
    public async Task ARingOfMySqlServersReplicates()
    {
        var server = await Servers.MySqlAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        await FollowsAsync(root, new SandboxSpec { Topology = SandboxTopology.Ring, Server = server }, "Auto_Position: 1");
    }

    [Fact]
    public async Task CommitsWaitForAReplicaWithSemiSync()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var spec = new SandboxSpec
        {
            Topology = SandboxTopology.Replication, Nodes = 2, Server = server, SemiSync = true, Tls = true, Options = ["max_connections=61"], PrimaryOptions = ["max_connections=62"],
            ReplicaOptions = ["read_only=1"],
        };
        var made = await FollowsAsync(root, spec, "Master_SSL_Allowed: Yes");
        await using (var primary = await made.OpenAsync(made.Nodes[0]))
        {
            Assert.Equal("ON", (await primary.QueryTableAsync("SHOW STATUS LIKE 'Rpl_semi_sync_master_status'")).Rows[0][1]);
            Assert.Equal("AFTER_SYNC/1/62", await primary.QueryScalarAsync("SELECT CONCAT_WS('/', @@rpl_semi_sync_master_wait_point, @@sync_binlog, @@max_connections)"));
        }

        await using (var replica = await made.OpenAsync(made.Nodes[1]))
        {
            Assert.Equal("ON", (await replica.QueryTableAsync("SHOW STATUS LIKE 'Rpl_semi_sync_slave_status'")).Rows[0][1]);
            Assert.Equal("OFF/ON/61", await replica.QueryScalarAsync("SELECT CONCAT_WS('/', @@rpl_semi_sync_master_enabled, @@read_only, @@max_connections)"));
        }

        // TLS proves the server to whoever comes over the network.
        await using var remote = await MySqlConnection.OpenAsync(new MySqlOptions
        {
            Port = made.Nodes[0].Port, User = "msandbox", Password = made.ReadCredentials().User, Tls = MySqlTlsMode.VerifyFull, TlsCaFile = made.CertificateAuthority,
        });
        Assert.NotEqual("", (await remote.QueryTableAsync("SHOW STATUS LIKE 'Ssl_cipher'")).Rows[0][1]);
    }

    [Fact]
    public async Task GivenPasswordsAndIdsAreUsed()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var credentials = SandboxCredentials.Generate() with { Replication = "sharedByAllHosts" };
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "p", Server = server, ServerId = 4711, Role = SandboxRole.Primary, Credentials = credentials });
        Assert.Equal(credentials, made.ReadCredentials());
        await using var asReplica = await MySqlConnection.OpenAsync(new MySqlOptions { Port = made.Nodes[0].Port, User = "rsandbox", Password = "sharedByAllHosts" });
        Assert.Equal("4711", await asReplica.QueryScalarAsync("SELECT @@server_id"));
        Assert.True(await RefusedAsync(made, "root", ""), "root has no password");
        Assert.True(await RefusedAsync(made, "", ""), "there is a user without a name");
    }

    [Fact]
    public async Task ScriptsWorkOverTheNetworkToo()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "g", Topology = SandboxTopology.Replication, Nodes = 2, Server = server, Tls = true });
        var folder = root.Combine("far");
        for (var time = 0; time < 2; time++)
        {
            RemoteFolder.Write(
                folder, SandboxTopology.Replication, server, [.. made.Nodes.Select(node => new RemoteServer(node.Name, "127.0.0.1", node.Port, node.ServerId, node.Sources))],
                "msandbox", made.ReadCredentials().User, made.CertificateAuthority);
        }

        Assert.Contains("Slave_SQL_Running: Yes", await Shell.MustAsync(Path.Combine(folder, "check_slaves")), StringComparison.Ordinal);
        Assert.Contains("# 0 failed", await Shell.MustAsync(Path.Combine(folder, "test_replication")), StringComparison.Ordinal);
        Assert.Equal("msandbox@127.%", (await Shell.MustAsync(Path.Combine(folder, "m"), "-BN", "-e", "SELECT CURRENT_USER()")).Trim());
        Assert.Equal($"{made.Nodes[1].Port}", (await Shell.MustAsync(Path.Combine(folder, "s1"), "-BN", "-e", "SELECT @@port")).Trim());
        await Shell.MustAsync(Path.Combine(folder, "use_all"), "SELECT 1");
        Assert.False(File.Exists(Path.Combine(folder, "stop_all")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "master", "my.cnf")));
    }

    private static async Task<bool> RefusedAsync(SandboxInstance made, string user, string password)
    {
        try
        {
            await using var session = await MySqlConnection.OpenAsync(new MySqlOptions { Port = made.Nodes[0].Port, User = user, Password = password });
            return false;
        }
        catch (MySqlServerException)
        {
            return true;
        }
    }

    private static async Task<SandboxInstance> FollowsAsync(TempRoot root, SandboxSpec spec, string fact)
    {
        var made = await root.Root.CreateAsync(spec);
        await Shell.MustAsync(Path.Combine(made.Folder, "test_replication"));
        var shown = await Shell.MustAsync(Path.Combine(made.Folder, "s1"), "-e", "SHOW SLAVE STATUS", "--vertical");
        Assert.Contains(fact, string.Join(' ', shown.Split(' ', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.True((await root.Root.StatusAsync(made.Name)).IsWell);
        await Shell.MustAsync(Path.Combine(made.Folder, "clear_all"));
        await Shell.MustAsync(Path.Combine(made.Folder, "start_all"));
        await Shell.MustAsync(Path.Combine(made.Folder, "initialize_slaves"));
        await Shell.MustAsync(Path.Combine(made.Folder, "test_replication"));
        return made;
    }
}
