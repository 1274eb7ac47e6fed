using System.Net;
using Flotilla.Node.Management;

namespace Flotilla.Node.Tests;

/// <summary>Who may look and who may act.</summary>
public sealed class ManagementAccessTests
{
    private const string Secret = "a secret of the house";

    private static readonly string[] s_reading = ["/server", "/functions", "/workers", "/metrics", "/topology", "/cluster", "/cluster/history", "/cluster/explain/db-a"];

    [Fact]
    public async Task WithASecretOnlyHealthAndTheEmptyPageAreOpen()
    {
        await using var node = await RunningNode.StartAsync(options => options with
        {
            Management = options.Management with { Secret = "a secret of the house" },
        });
        foreach (var path in new[] { "/", "/page.js", "/page.css", "/health" })
            Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync(path)).StatusCode);
        foreach (var path in new[] { "/metrics", "/functions", "/jobs/H:a:1", "/dead", "/server" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await node.Http.GetAsync(path)).StatusCode);
        node.Http.DefaultRequestHeaders.Authorization = new("Bearer", "another secret of the house");
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.Http.GetAsync("/functions")).StatusCode);
        node.Http.DefaultRequestHeaders.Authorization = new("Bearer", "a secret of the house");
        Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync("/functions")).StatusCode);
    }

    [Theory]
    [InlineData("Origin", "http://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.NoContent)]
    [InlineData("Host", "rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("Host", "localhost", HttpStatusCode.NoContent)]
    public async Task OtherWebPagesCannotSpeakToTheNode(string field, string value, HttpStatusCode expected)
    {
        await using var node = await RunningNode.StartAsync();
        await node.AskAsync(HttpMethod.Post, "/functions/f/jobs", new ByteArrayContent([]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/functions/f/pause");
        request.Headers.Add(field, value);
        using var answer = await node.Http.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public void ListeningBeyondLoopbackNeedsASecretOrAFlag()
    {
        var wide = new ManagementOptions { Listen = [new IPEndPoint(IPAddress.Any, 4780)] };
        Assert.Single(wide.Validate());
        Assert.Empty((wide with { AllowOpen = true }).Validate());
        Assert.Empty((wide with { Secret = "0123456789abcdef" }).Validate());
        Assert.Single((wide with { Secret = "short" }).Validate());
    }

    [Fact]
    public async Task WhereItIsAllowedThisMachineMayLookWithoutTheSecretAndNothingElse()
    {
        var cluster = new FakeCluster();
        await using var node = await StartAsync(cluster, readsWithoutSecret: true);
        foreach (var path in s_reading)
            Assert.Equal((path, HttpStatusCode.OK), (path, (await node.Http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode));
        foreach (var path in (string[])["/jobs/H:a:1", "/jobs/H:a:1/result", "/functions/f", "/functions/f/queue", "/dead", "/schedules"])
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, (await node.GetAsync(path)).Status));
        foreach (var path in (string[])["/cluster/pause?on=true", "/cluster/switchover?to=db-b", "/cluster/switchover?to=db-b&plan=true", "/cluster/remove?server=db-c", "/functions/f/jobs", "/functions/f/pause", "/cluster", "/cluster/explain/db-a"])
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, (await node.AskAsync(HttpMethod.Post, path)).Status));
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.AskAsync(HttpMethod.Delete, "/functions/f")).Status);
        Assert.False(cluster.Topology.State.IsPaused);
        Assert.Equal((4ul, 3), (cluster.Topology.State.LastEpoch, cluster.Topology.State.Servers.Length));
    }

    [Theory]
    [InlineData("Host", "rebound.example")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("Forwarded", "for=192.0.2.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task WhatComesByAForeignNameOrAProxyDoesNotCountAsThisMachine(string field, string value)
    {
        await using var node = await StartAsync(new FakeCluster(), readsWithoutSecret: true);
        node.Http.DefaultRequestHeaders.Add(field, value);
        foreach (var path in s_reading)
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, (await node.Http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode));
    }

    [Fact]
    public async Task WhoeverAsksIsToldWhatTheyMay()
    {
        await using var open = await RunningNode.StartAsync();
        Assert.Equal((false, true, true), await AccessAsync(open));
        await using var closed = await StartAsync(null, readsWithoutSecret: false);
        Assert.Equal((true, false, false), await AccessAsync(closed));
        await using var local = await StartAsync(null, readsWithoutSecret: true);
        Assert.Equal((true, true, false), await AccessAsync(local));
        local.Http.DefaultRequestHeaders.Authorization = new("Bearer", "a wrong one of the house");
        Assert.Equal((true, true, false), await AccessAsync(local));
        local.Http.DefaultRequestHeaders.Authorization = new("Bearer", Secret);
        Assert.Equal((true, true, true), await AccessAsync(local));
    }

    private static Task<RunningNode> StartAsync(FakeCluster? cluster, bool readsWithoutSecret)
        => RunningNode.StartAsync(options => options with { Management = options.Management with { Secret = Secret, ReadWithoutSecret = readsWithoutSecret } }, cluster);

    private static async Task<(bool NeedsSecret, bool MayRead, bool MayAct)> AccessAsync(RunningNode node)
    {
        var (_, access) = await node.GetAsync("/access");
        return (access.GetProperty("needsSecret").GetBoolean(), access.GetProperty("mayRead").GetBoolean(), access.GetProperty("mayAct").GetBoolean());
    }
}
