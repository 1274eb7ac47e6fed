using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;
using Flotilla.Cluster.Tests.Topology;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Who a node that hands its primary over waits for: b has become primary, a is still on its way.</summary>
public sealed class ClusterSnapshotTests
{
    [Fact]
    public void APrimaryIsFollowedWhenAllThatAreWellDo()
    {
        Assert.False(With(a => a).IsFollowed);
        Assert.False(With(a => a with { IsReceiving = true, Source = new ServerName("db-c") }).IsFollowed);
        Assert.True(With(a => a with { IsReceiving = true }).IsFollowed);
    }

    [Fact]
    public void WhoIsDownOrWithoutItsNodeOrInMaintenanceIsNotWaitedFor()
    {
        Assert.True(With(a => a with { Status = ServerStatus.Down, Source = null }).IsFollowed);
        Assert.True(With(a => a with { Status = ServerStatus.Unknown }).IsFollowed);
        Assert.True((With(a => a) with { View = SampleCluster.Without("a") }).IsFollowed);
        var kept = With(a => a);
        Assert.True((kept with { State = kept.State! with { Servers = [.. kept.State.Servers.Select(server => server with { IsInMaintenance = server.Node == SampleCluster.Node("a") })] } }).IsFollowed);
    }

    [Fact]
    public void WithoutAPrimaryNobodyFollows() => Assert.False((With(a => a with { IsReceiving = true }) with { State = null }).IsFollowed);

    private static ClusterSnapshot With(Func<ServerReport, ServerReport> change) => new()
    {
        Node = SampleCluster.Node("b"),
        View = SampleCluster.View,
        State = SampleCluster.State with
        {
            Servers = [.. SampleCluster.State.Servers.Select(server => server with
            {
                Report = server.Node == SampleCluster.Node("a") ? change(server.Report) : server.Report with { IsReceiving = server.Node == SampleCluster.Node("c"), IsReadOnly = server.Node != SampleCluster.Node("b") },
            })],
        },
    };
}
