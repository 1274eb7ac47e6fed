using System.Net;
using System.Text.Json;
using Flotilla.Cluster.Core;

namespace Flotilla.Node.Tests;

/// <summary>What people change of a cluster over HTTP: servers taken out, taken back and filled anew, and the policy.</summary>
public sealed class ClusterChangeTests
{
    private readonly FakeCluster _cluster = new();

    [Fact]
    public async Task AServerIsRemovedAndAddedAgain()
    {
        await using var node = await RunningNode.StartAsync(cluster: _cluster);
        var plan = await OkAsync(node, "remove?server=db-c&plan=true");
        Assert.StartsWith("db-c is locked out; db-b acknowledges", plan.GetProperty("would").GetString(), StringComparison.Ordinal);
        Assert.False(plan.GetProperty("isRefused").GetBoolean());
        Assert.Equal(3, plan.GetProperty("follows").GetArrayLength());
        Assert.NotNull(Find("c"));

        Assert.Equal(["db-c is to be removed", "db-c is removed"], Decisions(await OkAsync(node, "remove?server=db-c")));
        Assert.Null(Find("c"));
        Assert.Equal(("db-c", "c"), Names((await node.GetAsync("/cluster")).Body.GetProperty("removed")[0]));
        await RefusedAsync(node, "remove?server=db-c", HttpStatusCode.NotFound, "can be added again");

        Assert.Contains("c declares db-c again", (await OkAsync(node, "add?server=db-c&plan=true")).GetProperty("would").GetString(), StringComparison.Ordinal);
        Assert.Equal(["db-c may come back", "db-c is added"], Decisions(await OkAsync(node, "add?server=db-c")));
        Assert.NotNull(Find("c"));
    }

    [Fact]
    public async Task WhatIsUnwiseIsRefusedAndByForceItIsNot()
    {
        await using var node = await RunningNode.StartAsync(cluster: _cluster);
        await RefusedAsync(node, "remove?server=db-a&force=true", HttpStatusCode.Conflict, "db-a is primary");
        await RefusedAsync(node, "reprovision?server=db-a", HttpStatusCode.Conflict, "db-a is primary");
        await RefusedAsync(node, "add?server=db-a", HttpStatusCode.Conflict, "in the cluster already");
        await RefusedAsync(node, "add?server=db-x", HttpStatusCode.NotFound, "there is no server db-x");
        await OkAsync(node, "remove?server=db-c");
        await RefusedAsync(node, "remove?server=db-b", HttpStatusCode.Conflict, "nobody else acknowledges");
        Assert.Equal("refuse: db-b may have to be asked: nobody else acknowledges what db-a commits", (await OkAsync(node, "reprovision?server=db-b&plan=true")).GetProperty("would").GetString());
        _cluster.IsSlow = true;
        Assert.Null(Refusal(await OkAsync(node, "remove?server=db-b&force=true&plan=true")));
        _cluster.Lose("b");
        _cluster.Lose("c");
        _cluster.Lose("a");
        await RefusedAsync(node, "remove?server=db-b", HttpStatusCode.ServiceUnavailable, "no majority");
    }

    [Fact]
    public async Task AServerIsFilledAnew()
    {
        await using var node = await RunningNode.StartAsync(cluster: _cluster);
        Assert.Contains("filled anew from db-c", (await OkAsync(node, "reprovision?server=db-b&plan=true")).GetProperty("would").GetString(), StringComparison.Ordinal);
        Assert.Equal(["db-b is to be filled anew", "db-b is filled anew"], Decisions(await OkAsync(node, "reprovision?server=db-b")));
    }

    [Fact]
    public async Task ThePolicyIsChangedWhereItIsNamed()
    {
        await using var node = await RunningNode.StartAsync(cluster: _cluster);
        Assert.Equal("failovers may follow one another at once", (await OkAsync(node, "policy?flapWindowSeconds=0&plan=true")).GetProperty("would").GetString());
        Assert.Equal(new ClusterPolicy(), _cluster.Topology.State.Policy);
        await OkAsync(node, "policy?loss=available&divergence=flashback");
        await OkAsync(node, "policy?flapWindowSeconds=0");
        Assert.Equal(new ClusterPolicy { Loss = LossPolicy.Available, FlapWindowSeconds = 0 }, _cluster.Topology.State.Policy);
        await RefusedAsync(node, "policy?loss=1", HttpStatusCode.BadRequest, "loss must be one of strict, available");
        await RefusedAsync(node, "policy?divergence=", HttpStatusCode.BadRequest, "flashBack, provision, wait");
        await RefusedAsync(node, "policy?flapWindowSeconds=-1", HttpStatusCode.BadRequest, "number of seconds");
    }

    [Fact]
    public async Task MaintenanceAndPauseAreToldBefore()
    {
        await using var node = await RunningNode.StartAsync(cluster: _cluster);
        Assert.Contains("it is not made primary", (await OkAsync(node, "maintenance?server=db-b&on=true&plan=true")).GetProperty("would").GetString(), StringComparison.Ordinal);
        Assert.Contains("but what a person orders", (await OkAsync(node, "pause?on=true&plan=true")).GetProperty("would").GetString(), StringComparison.Ordinal);
        Assert.False(Find("b")!.IsInMaintenance);
        Assert.False(_cluster.Topology.State.IsPaused);
    }

    private static async Task<JsonElement> OkAsync(RunningNode node, string change)
    {
        var (status, body) = await node.AskAsync(HttpMethod.Post, $"/cluster/{change}");
        Assert.Equal((HttpStatusCode.OK, change), (status, status == HttpStatusCode.OK ? change : body.ToString()));
        return body;
    }

    private static async Task RefusedAsync(RunningNode node, string change, HttpStatusCode expected, string why)
    {
        var (status, body) = await node.AskAsync(HttpMethod.Post, $"/cluster/{change}");
        Assert.Equal((change, expected), (change, status));
        Assert.Contains(why, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Decisions(JsonElement body) => body.GetProperty("decisions").EnumerateArray().Select(one => one.GetProperty("what").GetString());

    private static string? Refusal(JsonElement plan) => plan.GetProperty("isRefused").GetBoolean() ? plan.GetProperty("reason").GetString() : null;

    private static (string?, string?) Names(JsonElement removed) => (removed.GetProperty("name").GetString(), removed.GetProperty("node").GetString());

    private ServerState? Find(string node) => _cluster.Topology.State.Find(FakeCluster.Server(node));
}
