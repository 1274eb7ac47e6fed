using System.Net;
using System.Text.Json;
using Flotilla.Cli.Tests.Support;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Tests.Hosting;
using Flotilla.JobServer;
using Flotilla.Node;
using Flotilla.Node.Management;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla cluster</c> with three real nodes and servers behind it.</summary>
[Trait("tier", "full")]
public sealed class ClusterOfServersTests(HealingCluster cluster) : IClassFixture<HealingCluster>
{
    [Fact]
    public async Task ARealClusterIsShownExplainedAndSwitchedOverAndEveryServerTellsOfIt()
    {
        await cluster.UntilHealthyAsync();
        await using var node = await JobNode.StartAsync(
            new NodeOptions
            {
                JobServer = new JobServerOptions { Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }] },
                Store = new StoreOptions { Kind = StoreKind.Memory },
                Management = new ManagementOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] },
            },
            cluster: cluster.Anybody,
            cancellationToken: TestContext.Current.CancellationToken);
        var address = node.ManagementEndpoints[0].ToString();
        var rows = (await ClusterAsync("status", "--json")).Json.EnumerateArray().ToList();
        Assert.Equal(["db-a", "db-b", "db-c"], rows.Select(row => Text(row, "server")));
        Assert.All(rows, row => Assert.Equal("up", Text(row, "status")));
        var old = Text(Assert.Single(rows, row => Text(row, "role") == "primary"), "server");
        var next = Text(rows.First(row => Text(row, "role") == "replica"), "server");

        Assert.Contains(next, (await ClusterAsync("switchover", "--to", next, "--plan")).Must(), StringComparison.Ordinal);
        Assert.Equal(old, cluster.Anybody.Topology.Current.Primary!.Name);
        (await ClusterAsync("switchover", "--to", next)).Must();
        Assert.Equal(next, Text((await ClusterAsync("status", "--json")).Json.EnumerateArray().Single(row => Text(row, "role") == "primary"), "server"));
        foreach (var row in rows)
        {
            var server = new ServerName(Text(row, "server"));
            await Deadline.UntilAsync(async () => await cluster.ScalarAsync(server, "SELECT server FROM flotilla.members WHERE role = 'primary' AND quorum") == next, $"{server} tells of {next}");
        }

        Assert.Contains(next, (await ClusterAsync("explain", next)).Must(), StringComparison.Ordinal);
        Assert.Contains("switch over", (await ClusterAsync("history", "--limit", "500")).Must(), StringComparison.Ordinal);
        (await ClusterAsync("maintenance", "on", old)).Must();
        Assert.True((await ClusterAsync("status", "--json")).Json.EnumerateArray().Single(row => Text(row, "server") == old).GetProperty("maintenance").GetBoolean());
        (await ClusterAsync("maintenance", "off", old)).Must();

        Task<CliResult> ClusterAsync(params string[] words) => Run.FlotillaAsync(["cluster", words[0], "-n", address, .. words[1..]]);
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
