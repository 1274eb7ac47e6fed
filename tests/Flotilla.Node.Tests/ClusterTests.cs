using System.Net;
using System.Text;
using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Topology;
using Flotilla.TestSupport;

namespace Flotilla.Node.Tests;

/// <summary>The cluster over HTTP: what is told, and what people may do.</summary>
public sealed class ClusterTests
{
    private static readonly HttpMethod s_get = HttpMethod.Get;
    private static readonly HttpMethod s_post = HttpMethod.Post;

    [Fact]
    public async Task ANodeWithoutAClusterHasNone()
    {
        await using var node = await RunningNode.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/cluster")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/topology")).Status);
    }

    [Fact]
    public async Task TheTopologyIsAnsweredNowOrAsSoonAsThereIsSomethingNew()
    {
        var cluster = new FakeCluster();
        await using var node = await RunningNode.StartAsync(cluster: cluster);
        var now = TopologyJson.Read(await node.Http.GetByteArrayAsync("/topology", TestContext.Current.CancellationToken));
        Assert.Equal(("sample", 4ul, "db-a"), (now.Cluster, now.Epoch, now.Primary!.Name));
        Assert.Equal(4ul, (await node.GetAsync("/topology?epoch=3")).Body.GetProperty("epoch").GetUInt64());
        Assert.Equal(now.Version, (await node.GetAsync($"/topology?epoch=4&version={now.Version}&wait=0")).Body.GetProperty("version").GetUInt64());

        var epoch = node.GetAsync("/topology?epoch=4");
        var version = node.GetAsync($"/topology?epoch=4&version={now.Version}");
        await cluster.SendAsync(new SetPause(IsOn: true), CancellationToken.None);
        Assert.True((await version).Body.GetProperty("isPaused").GetBoolean());
        Assert.False(epoch.IsCompleted);
        await cluster.SendAsync(new GiveOrder(new Order { Kind = OrderKind.Switchover, To = FakeCluster.Server("c") }), CancellationToken.None);
        Assert.Equal(5ul, (await epoch).Body.GetProperty("epoch").GetUInt64());
        foreach (var wrong in (string[])["epoch=x", "epoch=-1", "epoch=1&wait=61", "epoch=1&version=a"])
            Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync($"/topology?{wrong}")).Status);
    }

    [Fact]
    public async Task LoadBalancersLearnTheRoleOfThisNodesServerWithoutASecret()
    {
        var cluster = new FakeCluster();
        await using var node = await RunningNode.StartAsync(options => options with { Management = options.Management with { Secret = "sixteen characters" } }, cluster);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/primary"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/replica"));
        await cluster.SendAsync(new GiveOrder(new Order { Kind = OrderKind.Switchover, To = FakeCluster.Server("c") }), CancellationToken.None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/primary"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/replica"));
        // It is not known how far it is behind.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/replica?lag=5"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("/replica?lag=much"));
        await cluster.SendAsync(new SetMaintenance(FakeCluster.Server("a"), IsOn: true), CancellationToken.None);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/replica"));

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var client = new HttpClient { BaseAddress = node.Http.BaseAddress };
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task MetricsTellTheCluster()
    {
        var cluster = new FakeCluster();
        await using var node = await RunningNode.StartAsync(cluster: cluster);

        var text = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        foreach (var line in (string[])["flotilla_cluster_quorum 1", "flotilla_cluster_epoch 4", "flotilla_cluster_server_primary{server=\"db-a\"} 1", "flotilla_cluster_server_primary{server=\"db-b\"} 0"])
            Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        var guide = await File.ReadAllTextAsync(Repository.Combine("docs", "guides", "monitoring.md"));
        foreach (var metric in text.Split('\n').Where(line => line.StartsWith("# TYPE flotilla_cluster_", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]))
            Assert.Contains($"| `{metric}` | gauge |", guide, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheStreamTellsTheTopologyAndEveryChangeOfIt()
    {
        var cluster = new FakeCluster();
        var node = await RunningNode.StartAsync(cluster: cluster);
        using var request = new HttpRequestMessage(s_get, "/topology/events");
        using var answer = await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var first = await EventAsync(lines);
        Assert.Equal("db-a", first.Primary!.Name);
        await cluster.SendAsync(new SetMaintenance(FakeCluster.Server("b"), IsOn: true), CancellationToken.None);
        var second = await EventAsync(lines);
        Assert.True(second.Members[1].IsInMaintenance);
        Assert.True(second.Version > first.Version);

        // Whoever listens does not keep the node from stopping.
        await node.DisposeAsync();
        Assert.Equal("", (await lines.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim('\n', ':'));
    }

    [Fact]
    public async Task StateHistoryAndExplanationsAreAnswered()
    {
        var cluster = new FakeCluster();
        await using var node = await RunningNode.StartAsync(cluster: cluster);
        var (_, state) = await node.GetAsync("/cluster");
        Assert.Equal(4ul, state.GetProperty("epoch").GetProperty("number").GetUInt64());
        Assert.Equal("db-a", state.GetProperty("epoch").GetProperty("primary").GetString());
        Assert.Equal("acknowledged", state.GetProperty("epoch").GetProperty("durability").GetString());
        Assert.Equal(["db-b", "db-c"], state.GetProperty("epoch").GetProperty("ackers").EnumerateArray().Select(one => one.GetString()!));
        Assert.Equal(3, state.GetProperty("nodes").GetArrayLength());
        Assert.Equal(("db-b", "mariaDb", "0-1-7", "10.11.19-MariaDB"), Facts(state.GetProperty("servers")[1]));
        Assert.Equal("strict", state.GetProperty("policy").GetProperty("loss").GetString());
        Assert.False(state.TryGetProperty("plan", out _));

        cluster.Lose("c");
        cluster.Publish(cluster.Topology.State with { Plan = new Plan { Number = 1, Kind = PlanKind.Failover, Phase = PlanPhase.Collect, Epoch = 5, Cause = "db-a is down" } });
        (_, state) = await node.GetAsync("/cluster");
        Assert.False(state.GetProperty("nodes")[2].GetProperty("isHere").GetBoolean());
        Assert.Equal("collect", state.GetProperty("plan").GetProperty("phase").GetString());

        var (_, history) = await node.GetAsync("/cluster/history?limit=2");
        Assert.Equal(["db-b is added", "db-c is added"], history.GetProperty("decisions").EnumerateArray().Select(one => one.GetProperty("what").GetString()!));
        Assert.Equal("2023-11-14T22:13:20+00:00", history.GetProperty("decisions")[0].GetProperty("at").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync("/cluster/history?limit=501")).Status);

        var (_, explained) = await node.GetAsync("/cluster/explain/db-b");
        Assert.Equal("db-b follows db-a", explained.GetProperty("now")[0].GetString());
        Assert.Equal(2, explained.GetProperty("ifItDied").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/cluster/explain/db-x")).Status);
        cluster.Undeclared = new ServerName("db-x");
        (_, explained) = await node.GetAsync("/cluster/explain/db-x");
        Assert.Equal("db-a has the server id 1 too", explained.GetProperty("now")[0].GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await node.GetAsync("/cluster/explain/DB")).Status);
    }

    [Fact]
    public async Task ASwitchoverIsPlannedCarriedOutRefusedOrUnderWay()
    {
        var cluster = new FakeCluster();
        await using var node = await RunningNode.StartAsync(cluster: cluster);
        var (status, body) = await node.AskAsync(s_post, "/cluster/switchover?to=db-b&plan=true");
        Assert.Equal((HttpStatusCode.OK, "begin a switchover to epoch 5 with db-b as primary: a person wants it"), (status, body.GetProperty("would").GetString()));
        Assert.Equal(4ul, cluster.Topology.State.LastEpoch);

        (status, body) = await node.AskAsync(s_post, "/cluster/switchover?to=db-b");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(body.GetProperty("isDone").GetBoolean());
        Assert.Equal(["ordered: switch over to db-b", "db-b is writable"], body.GetProperty("decisions").EnumerateArray().Select(one => one.GetProperty("what").GetString()!));
        Assert.Equal("db-b", cluster.Topology.Current.Primary!.Name);

        cluster.Obstacle = "db-c is too far behind";
        (status, body) = await node.AskAsync(s_post, "/cluster/switchover?to=db-c");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.EndsWith("db-c is too far behind", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        (_, body) = await node.AskAsync(s_post, "/cluster/failover?force=true&plan=true");
        Assert.Equal("refuse: db-c is too far behind", body.GetProperty("would").GetString());

        cluster.IsSlow = true;
        var open = node.AskAsync(s_post, "/cluster/failover?force=true");
        await cluster.Topology.WaitForStateAsync(state => state.Order is not null, TestContext.Current.CancellationToken);
        (status, body) = await node.AskAsync(s_post, "/cluster/switchover?to=db-c");
        Assert.Equal((HttpStatusCode.Conflict, "the order to switch over to db-c is refused: the order to fail over, whatever is lost is not done"), (status, body.GetProperty("error").GetString()));
        await cluster.SendAsync(new EndOrder(cluster.Topology.State.Order!.Number, "it could not be"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.Conflict, (await open).Status);
    }

    [Fact]
    public async Task MaintenanceAndPauseAreSwitchedAndNonsenseIsRefused()
    {
        var cluster = new FakeCluster();
        await using var node = await RunningNode.StartAsync(cluster: cluster);
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(s_post, "/cluster/maintenance?server=db-b&on=true")).Status);
        Assert.True(cluster.Topology.State.Find(FakeCluster.Server("b"))!.IsInMaintenance);
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(s_post, "/cluster/maintenance?server=db-b&on=off")).Status);
        Assert.False(cluster.Topology.State.Find(FakeCluster.Server("b"))!.IsInMaintenance);
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(s_post, "/cluster/pause?on=true")).Status);
        Assert.True(cluster.Topology.State.IsPaused);
        Assert.True(cluster.Topology.State.History[^1].AtMs > 1_700_000_000_000);

        foreach (var wrong in (string[])["/cluster/pause", "/cluster/pause?on=maybe", "/cluster/maintenance?on=true", "/cluster/maintenance?server=db-b", "/cluster/switchover?to=b&dryrun=true", "/cluster/switchover?to="])
            Assert.Equal((wrong, HttpStatusCode.BadRequest), (wrong, (await node.AskAsync(s_post, wrong)).Status));
        Assert.Equal(HttpStatusCode.NotFound, (await node.AskAsync(s_post, "/cluster/switchover?to=db-x")).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await node.GetAsync("/cluster/switchover?to=db-b")).Status);
        cluster.IsCutOff = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.AskAsync(s_post, "/cluster/pause?on=false")).Status);
    }

    [Fact]
    public async Task TheSecretIsAskedForHereToo()
    {
        await using var node = await RunningNode.StartAsync(options => options with { Management = options.Management with { Secret = "sixteen or more letters" } }, new FakeCluster());
        foreach (var path in (string[])["/topology", "/topology/events", "/cluster", "/cluster/history", "/cluster/explain/db-a"])
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, (await node.GetAsync(path)).Status));
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.AskAsync(s_post, "/cluster/switchover?to=db-b")).Status);
        node.Http.DefaultRequestHeaders.Authorization = new("Bearer", "sixteen or more letters");
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(s_post, "/cluster/switchover?to=db-b")).Status);
    }

    private static (string?, string?, string?, string?) Facts(JsonElement server)
        => (server.GetProperty("name").GetString(), server.GetProperty("kind").GetString(), server.GetProperty("logged").GetString(), server.GetProperty("version").GetString());

    private static async Task<ClusterTopology> EventAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return TopologyJson.Read(Encoding.UTF8.GetBytes(line[6..]));
        }

        throw new EndOfStreamException();
    }
}
