using System.Net;
using System.Net.Sockets;
using Flotilla.Deployment.Tests.Support;

namespace Flotilla.Deployment.Tests.Walks;

/// <summary>What can't be done is refused before anything is written, or taken away again; the message says what and where.</summary>
[Trait("tier", "full")]
public sealed class FailureTests(TemplateCache cache)
{
    [Fact]
    public async Task ATakenPortIsToldBeforeAnythingIsWritten()
    {
        await using var hosts = await TwoAsync();
        using var taken = Listen(hosts, 2);
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var deployer = hosts.Deployer();

        var refused = await Assert.ThrowsAsync<DeploymentException>(() => deployer.PlanAsync(Spec with { BasePort = port }));

        Assert.Equal(DeploymentProblem.Conflict, refused.Problem);
        Assert.Contains($"b: port {port} is taken by process {Environment.ProcessId} (", refused.Message);
        Assert.DoesNotContain("a: port", refused.Message);
        hosts.AssertClean("a", "b");
    }

    [Fact]
    public async Task APortThatIsTakenAfterThePlanRollsEverythingBack()
    {
        await using var hosts = await TwoAsync();
        await using var deployer = hosts.Deployer();
        var plan = await deployer.PlanAsync(Spec);
        using var taken = Listen(hosts, 2, plan.Journal.Nodes[1].Port);
        var told = new List<string>();

        var failed = await Assert.ThrowsAsync<DeploymentException>(() => deployer.DeployAsync(plan, new Tell<DeploymentStep>(step =>
        {
            lock (told)
                told.Add(step.Text);
        })));

        Assert.Equal("b", failed.Host);
        Assert.Contains($"port {plan.Journal.Nodes[1].Port}", failed.Message);
        Assert.Contains("Everything was taken away again", failed.Message);
        Assert.Contains(told, text => text.StartsWith("removing master (a)", StringComparison.Ordinal));
        hosts.AssertClean("a", "b");
    }

    [Fact]
    public async Task AHostWithoutAServerIsToldAndNothingIsDone()
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
        var empty = await hosts.AddAsync("b", 2, []);
        await using var deployer = hosts.Deployer();

        Assert.DoesNotContain(HostFunctions.MakeSandbox, empty.Functions);
        Assert.Contains(HostFunctions.FetchTarball, empty.Functions);
        Assert.Contains(empty.Abilities.Missing, text => text.StartsWith("a database server: none", StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<DeploymentException>(() => deployer.PlanAsync(Spec));
        Assert.Equal(DeploymentProblem.Missing, refused.Problem);
        Assert.Contains("a has mariadb 10.11", refused.Message);
        Assert.Contains("b lacks a database server: none", refused.Message);
        hosts.AssertClean("a", "b");
    }

    [Fact]
    public async Task AHostThatNobodyKnowsIsToldAtOnce()
    {
        await using var hosts = await TwoAsync();
        await using var deployer = hosts.Deployer();

        var refused = await Assert.ThrowsAsync<DeploymentException>(() => deployer.PlanAsync(Spec with { Hosts = TestHosts.Names("a", "b", "moon") }));

        Assert.Equal(DeploymentProblem.Unreachable, refused.Problem);
        Assert.Contains("no worker of moon is registered; known are: a, b", refused.Message);
        hosts.AssertClean("a", "b");
    }

    [Fact]
    public async Task AFullDiskRollsEverythingBack()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root may mount a small disk");
        await using var hosts = await TestHosts.StartAsync();
        Directory.CreateDirectory(hosts.RootOf("b"));
        await Shell.MustAsync("mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", hosts.RootOf("b"));
        try
        {
            await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
            await hosts.AddAsync("b", 2, [Servers.MariaDb], cache);
            await using var deployer = hosts.Deployer();
            // The server wants this log when it first starts, long after everybody has looked for room.
            var plan = await deployer.PlanAsync(Spec with { Options = ["innodb_log_file_size=200M"] });
            var filler = Path.Combine(hosts.RootOf("b"), "filler");
            await Shell.MustAsync("fallocate", "-l", $"{new DriveInfo(hosts.RootOf("b")).AvailableFreeSpace - (90 << 20)}", filler);

            var failed = await Assert.ThrowsAsync<DeploymentException>(() => deployer.DeployAsync(plan));

            Assert.Equal("b", failed.Host);
            Assert.Contains("Everything was taken away again", failed.Message);
            File.Delete(filler);
            hosts.AssertClean("a", "b");
            var small = await Assert.ThrowsAsync<DeploymentException>(async () =>
            {
                await Shell.MustAsync("fallocate", "-l", "200M", filler);
                await deployer.PlanAsync(Spec);
            });
            Assert.Contains("b: the disk of", small.Message);
            File.Delete(filler);
        }
        finally
        {
            await hosts.StopAsync("b");
            await Shell.MustAsync("umount", "-l", hosts.RootOf("b"));
        }
    }

    [Fact]
    public async Task ASandboxOfSomebodyElseIsNeitherTakenOverNorRemoved()
    {
        await using var hosts = await TwoAsync();
        await using var deployer = hosts.Deployer();
        await deployer.DeployAsync(await deployer.PlanAsync(Spec with { Hosts = TestHosts.Names("a") }));

        var refused = await Assert.ThrowsAsync<DeploymentException>(() => deployer.PlanAsync(Spec));
        Assert.Contains("a: there is a sandbox bad_master", refused.Message);
        var fault = await Assert.ThrowsAsync<Gearman.JobFaultException>(
            () => hosts.JobAsync("remove_sandbox", "a", """{"deployment": "zzzzzzzzzzzzzzzzzzzzzzzz", "name": "bad_master"}"""));
        Assert.Contains("belongs to another deployment", fault.Message);
        Assert.All(await deployer.StatusAsync("bad"), one => Assert.Null(one.Problem));

        await deployer.RemoveAsync("bad");
        hosts.AssertClean("a", "b");
    }

    private static ReplicationSpec Spec => new() { Hosts = TestHosts.Names("a", "b"), Name = "bad" };

    private static TcpListener Listen(TestHosts hosts, int address, int port = 0)
    {
        var listener = new TcpListener(hosts.Address(address), port);
        listener.Start();
        return listener;
    }

    private async Task<TestHosts> TwoAsync()
    {
        var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
        await hosts.AddAsync("b", 2, [Servers.MariaDb], cache);
        return hosts;
    }
}
