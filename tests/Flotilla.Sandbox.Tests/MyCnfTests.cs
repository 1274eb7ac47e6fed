using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>Servers get the options that they know and that their role asks for.</summary>
public sealed class MyCnfTests
{
    private static readonly ServerInstallation MariaDb = FakeServer.Nowhere(ServerFlavor.MariaDb, "10.11.19");
    private static readonly ServerInstallation MySql84 = FakeServer.Nowhere(ServerFlavor.MySql, "8.4.2");

    [Fact]
    public void OnlyThePrimaryHasThePrimarysFlag()
    {
        var spec = new SandboxSpec { Server = MariaDb, Topology = SandboxTopology.Replication, SemiSync = true, PrimaryOptions = ["a=1"], ReplicaOptions = ["b=2"] };
        var (primary, replica) = (Lines(spec, 0), Lines(spec, 1));
        Assert.Contains("rpl_semi_sync_master_enabled=ON", primary);
        Assert.Contains("rpl_semi_sync_master_wait_point=AFTER_SYNC", primary);
        Assert.Contains("a=1", primary);
        Assert.Contains("sync_binlog=1", primary);
        Assert.Contains("gtid_strict_mode=ON", primary);
        Assert.DoesNotContain("b=2", primary);
        Assert.DoesNotContain(replica, line => line.StartsWith("rpl_semi_sync_master", StringComparison.Ordinal));
        Assert.Contains("rpl_semi_sync_slave_enabled=ON", replica);
        Assert.Contains("b=2", replica);
    }

    [Theory]
    [InlineData(SandboxRole.Primary, "rpl_semi_sync_master_enabled=ON", "rpl_semi_sync_slave_enabled=ON")]
    [InlineData(SandboxRole.Replica, "rpl_semi_sync_slave_enabled=ON", "rpl_semi_sync_master_enabled=ON")]
    public void ASingleServerGetsTheOptionsOfItsRole(SandboxRole role, string has, string hasNot)
    {
        var lines = Lines(new SandboxSpec { Server = MariaDb, Role = role, SemiSync = true }, 0);
        Assert.Contains(has, lines);
        Assert.DoesNotContain(hasNot, lines);
    }

    [Fact]
    public void ServersThatAreWrittenToAtTheSameTimeNumberApart()
    {
        var lines = Lines(new SandboxSpec { Server = MariaDb, Topology = SandboxTopology.Ring, Nodes = 4 }, 2);
        Assert.Contains("auto_increment_increment=4", lines);
        Assert.Contains("auto_increment_offset=3", lines);
        Assert.Contains(lines, line => line.StartsWith("gtid_domain_id=", StringComparison.Ordinal));
        Assert.DoesNotContain("log-slave-updates", Lines(new SandboxSpec { Server = MariaDb, Topology = SandboxTopology.AllMasters }, 0));
    }

    [Fact]
    public void MySql84IsNotGivenWhatItHasForgotten()
    {
        var lines = Lines(new SandboxSpec { Server = MySql84, Topology = SandboxTopology.Replication }, 1);
        Assert.DoesNotContain(lines, line => line.StartsWith("master-info-repository", StringComparison.Ordinal) || line == "log-slave-updates" || line.StartsWith("gtid_strict", StringComparison.Ordinal));
        Assert.Contains("log-replica-updates", lines);
        Assert.Contains("gtid-mode=ON", lines);
        Assert.Contains("enforce-gtid-consistency=ON", lines);
    }

    [Theory]
    [InlineData(ServerFlavor.MySql, "5.6.24", "GRANT SELECT, EXECUTE ON *.* TO msandbox_ro@'10.%' IDENTIFIED BY 'd';")]
    [InlineData(ServerFlavor.MySql, "8.4.2", "ALTER USER msandbox_ro@'10.%' IDENTIFIED BY 'd';")]
    [InlineData(ServerFlavor.MySql, "8.4.2", "ALTER USER root@localhost IDENTIFIED BY 'a';")]
    [InlineData(ServerFlavor.MariaDb, "10.11.19", "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('a');")]
    [InlineData(ServerFlavor.MariaDb, "10.1.48", "SET PASSWORD FOR root@localhost = PASSWORD('a');")]
    public void UsersAreMadeInTheServersDialect(ServerFlavor flavor, string version, string line)
    {
        var text = GrantsSql.Create(
            new SandboxSpec { Server = FakeServer.Nowhere(flavor, version), RemoteAccess = "10.%" }, new SandboxCredentials("a", "b", "c", "d", "e"));
        Assert.Contains(line, text.Split('\n'));
        Assert.StartsWith("SET SESSION sql_log_bin = 0;\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANewerMySqlMakesItsSystemTablesItself()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-fake-").FullName;
        try
        {
            FakeServer.Create(folder, "", "bin/mysqld", "share", "bin/mysql", "bin/mysqladmin");
            FakeServer.Program(
                Path.Combine(folder, "bin/mysqld"),
                "case $* in *--version) echo 'mysqld  Ver 8.4.2 for Linux'; exit;; esac; echo \"$@\" >\"$0.log\"; for word do case $word in --datadir=*) mkdir -p \"${word#*=}/mysql\"; : >\"${word#*=}/auto.cnf\";; esac; done");
            var server = await new ServerFinder([], []).FromBasedirAsync(folder);
            var template = await new Templates(folder).EnsureAsync(new SandboxSpec { Server = server, Options = ["innodb-page-size=8k", "max_connections=9"] }, CancellationToken.None);
            Assert.True(Directory.Exists(Path.Combine(template, "data", "mysql")));
            Assert.False(File.Exists(Path.Combine(template, "data", "auto.cnf")));
            Assert.Contains("--initialize-insecure", File.ReadAllText(Path.Combine(folder, "bin/mysqld.log")), StringComparison.Ordinal);
            var lines = File.ReadAllLines(Path.Combine(template, "my.cnf"));
            Assert.Contains("innodb_page_size=8k", lines);
            Assert.DoesNotContain("max_connections=9", lines);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Lines(SandboxSpec spec, int node)
    {
        var record = Planner.Plan(spec with { Name = "x" }, "/r", [], [], DateTimeOffset.UnixEpoch, _ => null);
        return MyCnf.Server(new NodeFiles("/r", record, record.Nodes[node], new SandboxCredentials("a", "b", "c", "d", "e"))).Split('\n');
    }
}
