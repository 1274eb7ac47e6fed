using System.Net;
using Flotilla.Deployment.Tests.Support;
using Flotilla.Gearman;
using Flotilla.JobServer;
using Flotilla.TestSupport;

namespace Flotilla.Deployment.Tests.Walks;

/// <summary>Three hosts with networks of their own, workers in processes of their own, and a job server that wants a secret.</summary>
[Trait("tier", "full")]
public sealed class NamespaceTests(TemplateCache cache)
{
    private const string Secret = "between-the-hosts";

    [Fact]
    public async Task ThreeHostsWithAddressesOfTheirOwnReplicate()
    {
        await using var hosts = await TestHosts.StartAsync();
        await using var networks = await Namespaces.TryCreateAsync(3);
        // Where namespaces are not permitted, hosts are folders on loopback; the walk is the same.
        var here = networks is null ? IPAddress.Loopback : IPAddress.Parse(networks.Here);
        await using var jobServer = await JobServerHost.StartAsync(new JobServerOptions
        {
            Listeners = [new JobServerListener { EndPoint = new IPEndPoint(here, 0) }], SharedSecret = Secret, TrustLocalConnections = false,
        });
        var server = GearmanAddress.Tcp((IPEndPoint)jobServer.Endpoints[0]);
        var workers = new List<ChildProcess>();
        try
        {
            foreach (var (name, at) in ((string, int)[])[("a", 1), ("b", 2), ("c", 3)])
            {
                Directory.CreateDirectory(hosts.RootOf(name));
                await cache.CopyToAsync(hosts.RootOf(name), Servers.MariaDb);
                var address = networks?.AddressOf(at) ?? hosts.Address(at).ToString();
                workers.Add(ChildProcess.Start(["worker", name, hosts.RootOf(name), address, Servers.MariaDb, server.ToString(), Secret], networks?.Prefix(at)));
            }

            foreach (var worker in workers)
                Assert.Equal("ready", await worker.ReadLineAsync());
            await WalkAsync(hosts, new FleetAccess { Servers = [server], Secret = Secret }, networks);
        }
        finally
        {
            foreach (var worker in workers)
                await worker.DisposeAsync();
        }
    }

    private static async Task WalkAsync(TestHosts hosts, FleetAccess access, Namespaces? networks)
    {
        await using var deployer = new Deployer(new DeployerOptions { Access = access, Folder = hosts.Deployments, Client = TestHosts.Client() });
        var plan = await deployer.PlanAsync(new ReplicationSpec { Hosts = TestHosts.Names("a", "b", "c"), Name = "net" });
        if (networks is not null)
        {
            Assert.Equal([networks.AddressOf(1), networks.AddressOf(2), networks.AddressOf(3)], plan.Journal.Nodes.Select(node => node.Address));
            Assert.Equal("%", plan.Journal.RemoteAccess);
            Assert.Single(plan.Journal.Nodes.Select(node => node.Port).Distinct());
        }

        await deployer.DeployAsync(plan);
        Assert.Equal(2, (await hosts.RunAsync("net", "check_slaves")).Split("SQL_Running: Yes").Length - 1);
        await hosts.RunAsync("net", "m", "-e", "CREATE DATABASE far; CREATE TABLE far.t (n INT PRIMARY KEY); INSERT INTO far.t VALUES (1), (2)");
        foreach (var slave in (string[])["s1", "s2"])
            await Deadline.UntilAsync(async () => (await Shell.RunAsync(hosts.Script("net", slave), "-BNe", "SELECT SUM(n) FROM far.t")).Output.Trim() == "3", $"{slave} has the rows", TimeSpan.FromMinutes(1));
        await deployer.RemoveAsync("net");
        hosts.AssertClean("a", "b", "c");
    }
}
