using Flotilla.Deployment.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Deployment.Tests.Walks;

/// <summary>Workers are killed in the middle of their work.</summary>
[Trait("tier", "full")]
public sealed class ResumeTests(TemplateCache cache)
{
    [Fact]
    public async Task ADeploymentWhoseWorkerWasKilledIsResumed()
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
        var victim = await StartWorkerAsync(hosts);
        try
        {
            await using (var deployer = hosts.Deployer(lostPatience: TimeSpan.FromSeconds(2)))
            {
                var plan = await deployer.PlanAsync(Spec);
                var lost = await Assert.ThrowsAsync<DeploymentException>(() => deployer.DeployAsync(plan, new Tell<DeploymentStep>(step =>
                {
                    if (step.IsDetail && step.Text.StartsWith("b: installing", StringComparison.Ordinal))
                        victim.Kill();
                })));
                Assert.Equal(DeploymentProblem.Unreachable, lost.Problem);
                Assert.Contains("b: its worker is gone", lost.Message);
                Assert.Contains("--resume", lost.Message);
                Assert.Equal(DeploymentState.Deploying, Deployer.Find(hosts.Deployments, "cut")!.State);
            }

            await victim.DisposeAsync();
            victim = await StartWorkerAsync(hosts);
            await using var again = hosts.Deployer();
            Assert.Equal(DeploymentState.Deployed, (await again.ResumeAsync("cut")).State);
            Assert.Contains("Slave_SQL_Running: Yes", await hosts.RunAsync("cut", "check_slaves"));
            // Once more does no harm.
            await again.ResumeAsync("cut");
            await again.RemoveAsync("cut");
            hosts.AssertClean("a", "b");
        }
        finally
        {
            await victim.DisposeAsync();
        }
    }

    [Fact]
    public async Task AWorkerThatComesBackInTimeGoesOnWithItsJob()
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
        var first = await StartWorkerAsync(hosts);
        var second = new TaskCompletionSource<Task<ChildProcess>>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await using var deployer = hosts.Deployer();
            var journal = await deployer.DeployAsync(await deployer.PlanAsync(Spec), new Tell<DeploymentStep>(step =>
            {
                if (!step.IsDetail || !step.Text.StartsWith("b: installing", StringComparison.Ordinal) || second.Task.IsCompleted)
                    return;
                first.Kill();
                second.TrySetResult(StartWorkerAsync(hosts));
            }));

            Assert.Equal(DeploymentState.Deployed, journal.State);
            Assert.True(second.Task.IsCompleted);
            Assert.Contains("Slave_SQL_Running: Yes", await hosts.RunAsync("cut", "check_slaves"));
            await deployer.RemoveAsync("cut");
            hosts.AssertClean("a", "b");
        }
        finally
        {
            await first.DisposeAsync();
            if (second.Task.IsCompleted)
                await (await (await second.Task)).DisposeAsync();
        }
    }

    [Fact]
    public async Task WhatAHostThatIsAwayKeepsIsRemovedWhenItIsBack()
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
        var other = await StartWorkerAsync(hosts);
        try
        {
            await using var deployer = hosts.Deployer();
            await deployer.DeployAsync(await deployer.PlanAsync(Spec));
            other.Kill();
            await using var fleet = new Fleet(new FleetAccess { Servers = hosts.JobServers });
            await Deadline.UntilAsync(async () => !(await fleet.LookAsync(CancellationToken.None)).Knows(HostName.Parse("b")), "the job server misses b", TimeSpan.FromMinutes(1));

            var left = await Assert.ThrowsAsync<DeploymentException>(() => deployer.RemoveAsync("cut"));
            Assert.Contains("b: no worker of it is registered, cut_node1 may still be there", left.Message);
            Assert.Empty(hosts.Leftovers("a"));
            Assert.Contains(await deployer.StatusAsync("cut"), one => one.Problem!.Contains("no job server knows a worker of b", StringComparison.Ordinal));

            await other.DisposeAsync();
            other = await StartWorkerAsync(hosts);
            await deployer.RemoveAsync("cut");
            hosts.AssertClean("a", "b");
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    private static ReplicationSpec Spec => new() { Hosts = TestHosts.Names("a", "b"), Name = "cut" };

    private async Task<ChildProcess> StartWorkerAsync(TestHosts hosts)
    {
        var root = hosts.RootOf("b");
        if (!Directory.Exists(root))
        {
            Directory.CreateDirectory(root);
            await cache.CopyToAsync(root, Servers.MariaDb);
        }

        var child = ChildProcess.Start(["worker", "b", root, hosts.Address(2).ToString(), Servers.MariaDb, hosts.JobServers[0].ToString(), ""]);
        Assert.Equal("ready", await child.ReadLineAsync());
        return child;
    }
}
