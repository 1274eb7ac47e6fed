using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Hosting;

namespace Flotilla.Cluster.Tests.Hosting;

public sealed class CommandDeskTests
{
    private readonly CommandDesk _desk = new();

    [Fact]
    public async Task ACommandIsAppliedWhenItCameBack()
    {
        var sent = _desk.Register(new SetPause(true), out var applied);
        _desk.See(new SetPause(true) { AtMs = sent.AtMs }, ClusterState.Empty with { IsPaused = true });
        Assert.True((await applied).IsPaused);
    }

    [Fact]
    public void AnotherCommandOfTheSameMillisecondIsNotTakenForIt()
    {
        var sent = _desk.Register(new GiveOrder(new Order { Kind = OrderKind.Failover }), out var applied);
        _desk.See(new TellPosition(1, new ServerName("db-1"), ReplicationPosition.None) { AtMs = sent.AtMs }, ClusterState.Empty);
        Assert.False(applied.IsCompleted);
        _desk.See(sent, ClusterState.Empty);
        Assert.True(applied.IsCompleted);
    }

    [Fact]
    public void NoTwoCommandsHaveOneTime()
    {
        var times = Enumerable.Range(0, 100).Select(_ => _desk.Register(new SetPause(true), out var _).AtMs).ToList();
        Assert.Equal(times.Distinct(), times);
    }
}
