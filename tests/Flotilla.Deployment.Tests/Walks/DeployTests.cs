using Flotilla.Deployment.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Deployment.Tests.Walks;

/// <summary>Whole walks: one primary and two replicas on three hosts, with real servers.</summary>
[Trait("tier", "full")]
public sealed class DeployTests(TemplateCache cache)
{
    [Fact]
    public Task APrimaryAndTwoReplicasAreDeployedThroughWorkers() => WalkAsync(Servers.MariaDb, new ReplicationSpec { Hosts = Abc, Name = "shop" });

    [Fact]
    public Task TheSameWithMySql56() => WalkAsync(Servers.MySql, new ReplicationSpec { Hosts = Abc, Name = "shop" });

    [Fact]
    public async Task EachHostMayHaveAJobServerOfItsOwn()
    {
        await using var hosts = await TestHosts.StartAsync(jobServers: 2);
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache, options => options with { Servers = [hosts.JobServers[0]] });
        await hosts.AddAsync("b", 2, [Servers.MariaDb], cache, options => options with { Servers = [hosts.JobServers[1]] });
        await using var deployer = hosts.Deployer();
        var spec = new ReplicationSpec { Hosts = TestHosts.Names("a", "b"), Name = "two", SemiSync = true, UseGtid = false, Options = ["max_connections=77"] };
        await deployer.DeployAsync(await deployer.PlanAsync(spec));

        Assert.Contains("Slave_SQL_Running: Yes", await hosts.RunAsync("two", "check_slaves"));
        Assert.Equal(["77", "77"], (await hosts.RunAsync("two", "use_all", "SELECT @@max_connections AS x")).Split(['|', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(word => word == "77"));
        Assert.Equal("ON", (await hosts.RunAsync("two", "m", "-BNe", "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Rpl_semi_sync_master_status'")).Trim());
        await deployer.RemoveAsync("two");
        hosts.AssertClean("a", "b");
    }

    private static HostName[] Abc => TestHosts.Names("a", "b", "c");

    private async Task WalkAsync(string basedir, ReplicationSpec spec)
    {
        await using var hosts = await TestHosts.StartThreeAsync(cache, basedir);
        await using var deployer = hosts.Deployer();
        var told = new List<string>();
        var plan = await deployer.PlanAsync(spec);
        Assert.Equal(DeploymentState.Deploying, plan.Journal.State);
        Assert.False(Directory.Exists(hosts.Deployments));

        var journal = await deployer.DeployAsync(plan, new Tell<DeploymentStep>(step =>
        {
            if (!step.IsDetail)
                told.Add(step.Text);
        }));

        Assert.Equal(DeploymentState.Deployed, journal.State);
        Assert.StartsWith("installing master (a, ", told[0]);
        Assert.Contains(told, text => text.StartsWith("installing slave 0 (b, ", StringComparison.Ordinal));
        Assert.Contains(told, text => text.StartsWith("initializing slave 1 (c)", StringComparison.Ordinal));
        Assert.Equal(plan.Steps.Count, told.Count);
        var slaves = await hosts.RunAsync("shop", "check_slaves");
        Assert.Equal(2, slaves.Split("IO_Running: Yes").Length - 1);
        Assert.Equal(2, slaves.Split("SQL_Running: Yes").Length - 1);
        await hosts.RunAsync("shop", "m", "-e", "CREATE DATABASE shop; CREATE TABLE shop.t (n INT PRIMARY KEY); INSERT INTO shop.t VALUES (1), (2), (3)");
        foreach (var slave in (string[])["s1", "s2"])
            await Deadline.UntilAsync(async () => (await Shell.RunAsync(hosts.Script("shop", slave), "-BNe", "SELECT SUM(n) FROM shop.t")).Output.Trim() == "6", $"{slave} has the rows", TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await hosts.RunAsync("shop", "use_all", "SELECT @@server_id AS id")).Split("| id").Length - 1);
        await hosts.RunAsync("shop", "test_replication");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(hosts.Script("shop", "master/my.cnf")));
        Assert.All(await deployer.StatusAsync("shop"), one => Assert.Null(one.Problem));

        await deployer.RemoveAsync("shop");
        hosts.AssertClean("a", "b", "c");
    }
}
