using System.Net;
using Flotilla.Cli.Tests.Support;
using Flotilla.Cluster.Core;
using Flotilla.JobServer;
using Flotilla.Node;
using Flotilla.Node.Configuration;
using Flotilla.Node.Management;
using Flotilla.Node.Tests;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla cluster add</c>, <c>remove</c>, <c>reprovision</c> and <c>policy</c>, and what they say before.</summary>
public sealed class ClusterChangeTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private JobNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await JobNode.StartAsync(
        new NodeOptions
        {
            JobServer = new JobServerOptions { Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }] },
            Store = new StoreOptions { Kind = StoreKind.Memory },
            Management = new ManagementOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] },
        },
        cluster: _cluster);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task AServerIsRemovedAndTakenBack()
    {
        Assert.Equal(
            "db-c is locked out; db-b acknowledges\nwhen db-b fails too, commits wait\nits process goes on, read-only, and node c leaves it alone until it is added again\n",
            (await ClusterAsync("remove", "db-c", "--plan")).Must());
        Assert.NotNull(_cluster.Topology.State.Find(FakeCluster.Server("c")));
        Assert.Contains("db-c is removed", (await ClusterAsync("remove", "db-c")).Must(), StringComparison.Ordinal);
        Assert.Contains("it can be added again", (await ClusterAsync("remove", "db-c")).MustEndWith(ExitCode.NotFound).Errors, StringComparison.Ordinal);
        Assert.Contains("c declares db-c again", (await ClusterAsync("add", "db-c", "--plan")).Must(), StringComparison.Ordinal);
        Assert.True((await ClusterAsync("add", "db-c", "--json")).Json.GetProperty("isDone").GetBoolean());
        Assert.NotNull(_cluster.Topology.State.Find(FakeCluster.Server("c")));
    }

    [Fact]
    public async Task WhatIsUnwiseIsRefusedWithAReason()
    {
        Assert.Contains("make another one primary first", (await ClusterAsync("remove", "db-a", "--force")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
        Assert.Equal("refuse: db-a is primary: make another one primary first, by a switchover", (await ClusterAsync("reprovision", "db-a", "--plan")).MustEndWith(ExitCode.Refused).Output.Split('\n')[0]);
        Assert.Contains("in the cluster already", (await ClusterAsync("add", "db-a")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
        (await ClusterAsync("remove", "db-c")).Must();
        Assert.Contains("nobody else acknowledges", (await ClusterAsync("remove", "db-b")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
        Assert.Contains("goes on acknowledging until another server does", (await ClusterAsync("remove", "db-b", "--force", "--plan")).Must(), StringComparison.Ordinal);
        (await ClusterAsync("remove", "DB")).MustEndWith(ExitCode.Usage);
    }

    [Fact]
    public async Task AReplicaIsFilledAnew()
    {
        Assert.Contains("it is filled anew from db-c, and follows db-a then", (await ClusterAsync("reprovision", "db-b", "--plan")).Must(), StringComparison.Ordinal);
        Assert.Contains("db-b is filled anew", (await ClusterAsync("reprovision", "db-b")).Must(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANewServerGetsAConfigurationToBeLookedThrough()
    {
        var unknown = (await ClusterAsync("add", "db-d")).MustEndWith(ExitCode.NotFound);
        Assert.Contains("flotilla cluster add db-d --host HOST", unknown.Errors, StringComparison.Ordinal);
        var configuration = (await ClusterAsync("add", "db-d", "--host", "10.0.0.4")).Must();
        Assert.Contains("  listen: 10.0.0.4:4740\n  nodes: [127.0.0.1:4740, 10.0.0.4:4740]", configuration, StringComparison.Ordinal);
        Assert.Contains("    - name: db-d\n      host: 10.0.0.4\n      port: 3306\n      serverId: 100 ", configuration, StringComparison.Ordinal);
        // All that is wrong with it is that this is not that host.
        var problems = Record.Exception(() => ConfigurationFile.Parse(configuration, "f")) is ConfigurationException unusable ? unusable.Problems : [];
        Assert.All(problems, problem => Assert.EndsWith("is not there", problem, StringComparison.Ordinal));
        Assert.Equal(configuration, (await ClusterAsync("add", "db-d", "--host", "10.0.0.4", "--json")).Json.GetProperty("configuration").GetString());
        (await ClusterAsync("add", "db-c", "--host", "10.0.0.4")).MustEndWith(ExitCode.Refused);
        Assert.Contains("127.0.0.1:3301 is db-b", (await ClusterAsync("add", "db-d", "--host", "127.0.0.1", "--port", "3301")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
        foreach (var wrong in (string[][])[["--host", "a b"], ["--host", "h", "--port", "0"]])
            (await ClusterAsync(["add", "db-d", .. wrong])).MustEndWith(ExitCode.Usage);
    }

    [Fact]
    public async Task ThePolicyIsShownAndChanged()
    {
        Assert.Equal("loss         strict\ndivergence   flashback\nflap window  600 s\n", (await ClusterAsync("policy")).Must());
        Assert.Contains("may be lost with the primary", (await ClusterAsync("policy", "--loss", "available", "--plan")).Must(), StringComparison.Ordinal);
        Assert.Equal(600, (await ClusterAsync("policy", "--json")).Json.GetProperty("flapWindowSeconds").GetInt32());
        Assert.Equal("loss         available\ndivergence   wait\nflap window  1800 s\n", (await ClusterAsync("policy", "--loss", "available", "--divergence", "wait", "--flap-window", "30m")).Must());
        Assert.Equal(new ClusterPolicy { Loss = LossPolicy.Available, Divergence = DivergencePolicy.Wait, FlapWindowSeconds = 1800 }, _cluster.Topology.State.Policy);
        Assert.EndsWith("flap window  none\n", (await ClusterAsync("policy", "--flap-window", "0")).Must(), StringComparison.Ordinal);
        (await ClusterAsync("policy", "--loss", "perhaps")).MustEndWith(ExitCode.Usage);
    }

    [Fact]
    public async Task MaintenanceAndPauseAreToldBefore()
    {
        Assert.Contains("it is not made primary", (await ClusterAsync("maintenance", "on", "db-b", "--plan")).Must(), StringComparison.Ordinal);
        Assert.Contains("but what a person orders", (await ClusterAsync("pause", "--plan")).Must(), StringComparison.Ordinal);
        Assert.False(_cluster.Topology.State.IsPaused || _cluster.Topology.State.Find(FakeCluster.Server("b"))!.IsInMaintenance);
    }

    private Task<CliResult> ClusterAsync(params string[] words) => Run.FlotillaAsync(["cluster", words[0], "-n", _node.ManagementEndpoints[0].ToString(), .. words[1..]]);
}
