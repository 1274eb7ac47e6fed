using System.Text;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cluster.Tests.Topology;

/// <summary>What clients are told of the agreed state, of who is there, and of what was announced.</summary>
public sealed class TopologyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly AnnouncedServers _announced;
    private readonly TopologySource _source;

    public TopologyTests()
    {
        _announced = new AnnouncedServers("a", _time);
        _source = new TopologySource("sample", _announced, _time);
    }

    [Fact]
    public void BeforeTheStateIsKnownThereIsNoQuorumAndNobody()
    {
        var topology = _source.Current;
        Assert.False(topology.HasQuorum);
        Assert.Empty(topology.Members);
        Assert.Null(topology.Primary);
    }

    [Fact]
    public void MembersHaveTheRolesOfTheEpochAndWhatTheirNodesSaid()
    {
        _source.Publish(SampleCluster.State, SampleCluster.View);
        var topology = _source.Current;
        Assert.Equal((4ul, true, "sample"), (topology.Epoch, topology.HasQuorum, topology.Cluster));
        Assert.Equal(["db-a", "db-b", "db-c"], topology.Members.Select(member => member.Name));
        Assert.Equal("db-b", topology.Primary!.Name);
        Assert.Equal(0, topology.Primary.LagSeconds);
        var replica = topology.Members[0];
        Assert.Equal((TopologyRole.Replica, TopologyStatus.Up, 4ul, 2, 3, "north", "10.0.0.1", 3306, "db-b"), (replica.Role, replica.Status, replica.Epoch, replica.LagSeconds!.Value, replica.Load, replica.Site, replica.Host, replica.Port, replica.Source));
        Assert.Equal(topology.At, replica.LastHeartbeat);
    }

    [Fact]
    public void NobodyIsPrimaryWhileTheNextOneIsLookedForOrNotYetWritable()
    {
        var state = SampleCluster.State;
        var plan = new Plan { Number = 1, Kind = PlanKind.Failover, Phase = PlanPhase.Collect, Epoch = 5, Cause = "db-b is down" };
        _source.Publish(state with { LastEpoch = 5, Plan = plan }, SampleCluster.View);
        Assert.Null(_source.Current.Primary);
        Assert.Equal("failover to epoch 5, collect: db-b is down", _source.Current.Plan);

        var promoting = plan with { Phase = PlanPhase.Promote, Candidate = new ServerName("db-a") };
        _source.Publish(state with { LastEpoch = 5, Plan = promoting, Epoch = state.Epoch! with { Number = 5, Primary = new ServerName("db-a") } }, SampleCluster.View);
        Assert.Null(_source.Current.Primary);
        _source.Publish(state with { LastEpoch = 5, Epoch = state.Epoch! with { Number = 5, Primary = new ServerName("db-a") } }, SampleCluster.View);
        Assert.Equal("db-a", _source.Current.Primary!.Name);

        // During a switchover the old primary is one until its successor is decided.
        _source.Publish(state with { Plan = plan with { Kind = PlanKind.Switchover, Phase = PlanPhase.Quiesce } }, SampleCluster.View);
        Assert.Equal("db-b", _source.Current.Primary!.Name);
    }

    [Fact]
    public void AServerIsStaleAfterItsTtlWithoutItsNode()
    {
        _source.Publish(SampleCluster.State, SampleCluster.View);
        _time.Advance(100);
        Assert.Equal(TopologyStatus.Up, _source.Current.Members[2].Status);
        _source.Publish(SampleCluster.State, SampleCluster.Without("c"));
        Assert.Equal("its node c is gone", _source.Current.Members[2].Error);
        var left = _source.Current.At;
        _time.Advance(TopologySource.TtlSeconds);
        Assert.Equal(TopologyStatus.Up, _source.Current.Members[2].Status);
        _time.Advance(0.1);
        Assert.Equal(TopologyStatus.Stale, _source.Current.Members[2].Status);
        Assert.Equal(left, _source.Current.Members[2].LastHeartbeat);
        Assert.Equal(TopologyStatus.Up, _source.Current.Members[0].Status);
    }

    [Fact]
    public void WithoutAViewEverybodyBecomesStale()
    {
        _source.Publish(SampleCluster.State, SampleCluster.View);
        _source.Publish(SampleCluster.State, NodeView.None);
        Assert.False(_source.Current.HasQuorum);
        _time.Advance(TopologySource.TtlSeconds + 1);
        Assert.All(_source.Current.Members, member => Assert.Equal(TopologyStatus.Stale, member.Status));
    }

    [Fact]
    public void TheVersionGrowsWithChangesAndNotWithHeartbeats()
    {
        _source.Publish(SampleCluster.State, SampleCluster.View);
        var version = _source.Current.Version;
        _time.Advance(1);
        _source.Publish(SampleCluster.State, SampleCluster.View);
        Assert.Equal(version, _source.Current.Version);
        _source.Publish(SampleCluster.State with { IsPaused = true }, SampleCluster.View);
        Assert.Equal(version + 1, _source.Current.Version);
        Assert.True(new TopologySource("sample", _announced, _time).Current.Version > version);
    }

    [Fact]
    public async Task WhoWaitsIsAnsweredAtTheNextChangeOrWhenPatienceEnds()
    {
        var ct = TestContext.Current.CancellationToken;
        var source = new TopologySource("sample", new AnnouncedServers("a", TimeProvider.System), TimeProvider.System);
        source.Publish(SampleCluster.State, SampleCluster.View);
        var seen = source.Current;
        Assert.Equal(seen.Version, (await source.WaitAsync(3, null, Patience, ct)).Version);
        Assert.Equal(seen.Version, (await source.WaitAsync(4, seen.Version, TimeSpan.FromMilliseconds(20), ct)).Version);

        var epoch = source.WaitAsync(4, null, Patience, ct);
        var version = source.WaitAsync(4, seen.Version, Patience, ct);
        source.Publish(SampleCluster.State with { IsPaused = true }, SampleCluster.View);
        Assert.True((await version).IsPaused);
        Assert.False(epoch.IsCompleted);
        source.Publish(SampleCluster.State with { LastEpoch = 5 }, SampleCluster.View);
        Assert.Equal(5ul, (await epoch).Epoch);
    }

    [Fact]
    public void AnnouncedServersAreShownUntilTheyAreSilentForTheirTtl()
    {
        _source.Publish(SampleCluster.State, SampleCluster.View);
        Assert.True(_announced.TryAnnounce(new Announcement("db.example", 3307, TopologyStatus.Standby, TopologyRole.Primary)));
        var shown = _source.Current.Members[^1];
        Assert.Equal(("db.example:3307", true, TopologyStatus.Standby, 0ul), (shown.Name, shown.IsAnnounced, shown.Status, shown.Epoch));
        Assert.Equal("db-b", _source.Current.Primary!.Name);
        _time.Advance(29);
        Assert.True(_announced.Beat(shown.Name));
        _time.Advance(29);
        Assert.Equal(4, _source.Current.Members.Length);
        _time.Advance(2);
        Assert.Equal(3, _source.Current.Members.Length);
        Assert.False(_announced.Beat(shown.Name));
        Assert.False(_announced.Withdraw(shown.Name));
    }

    [Fact]
    public void NoMoreServersAreAnnouncedThanMayBe()
    {
        for (var port = 1; port <= AnnouncedServers.ServersMax; port++)
            Assert.True(_announced.TryAnnounce(new Announcement("h", port, TopologyStatus.Up, TopologyRole.Replica)));
        Assert.False(_announced.TryAnnounce(new Announcement("h", 9999, TopologyStatus.Up, TopologyRole.Replica)));
        Assert.True(_announced.TryAnnounce(new Announcement("h", 1, TopologyStatus.Down, TopologyRole.Replica)));
    }

    [Fact]
    public void JsonIsAsDocumentedAndReadBack()
    {
        _source.Publish(SampleCluster.State with { Servers = [SampleCluster.Server("a", lag: 2)] }, SampleCluster.View);
        var topology = _source.Current;
        var json = TopologyJson.Write(topology);
        Assert.Equal(
            $$"""{"cluster":"sample","epoch":4,"version":{{topology.Version}},"hasQuorum":true,"isPaused":false,"plan":null,"at":"2020-01-01T00:00:00+00:00","members":[{"name":"db-a","node":"a","host":"10.0.0.1","port":3306,"role":"replica","status":"up","epoch":4,"lagSeconds":2,"load":3,"site":"north","ttlSeconds":3,"lastHeartbeat":"2020-01-01T00:00:00+00:00","isInMaintenance":false,"isWatched":false,"isAnnounced":false,"error":"","source":"db-b"}]}""",
            Encoding.UTF8.GetString(json));
        var read = TopologyJson.Read(json);
        Assert.Equal(topology.Members, read.Members);
        Assert.Equal(topology, read with { Members = topology.Members });
        for (var length = 0; length < json.Length; length++)
            Assert.Throws<FormatException>(() => TopologyJson.Read(json.AsSpan(0, length)));
        foreach (var wrong in (string[])["null", "{}", """{"members":[null]}""", Encoding.UTF8.GetString(json).Replace("\"up\"", "7", StringComparison.Ordinal)])
            Assert.Throws<FormatException>(() => TopologyJson.Read(Encoding.UTF8.GetBytes(wrong)));
    }
}
