using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core.Tests;

public sealed class LateCommandTests
{
    public static TheoryData<ClusterCommand> OfAnotherPlan =>
    [
        new BeginPlan(2, PlanKind.Failover, 3, "again"),
        new BeginPlan(3, PlanKind.Failover, 2, "again"),
        new TellFenced(1, Scene.S(1), Fence.Ended, null),
        new TellPosition(1, Scene.S(2), Scene.At(99)),
        new ChooseCandidate(1, Scene.S(2), null, Scene.At(10), [], ""),
        new TellDrained(2, Scene.S(2)),
        new Promote(2, [Scene.S(3)]),
        new TellPromoted(2, Scene.S(2)),
        new AbandonPlan(1, ""),
        new PrimaryDown(Scene.S(1), 1, "once more"),
        new PrimaryDown(Scene.S(2), 1, "is not primary"),
        new KeepAlive(Scene.S(1), 1, 1, 1),
        new AddAcker(1, Scene.S(1)),
        new LockOutAcker(1, Scene.S(2), ""),
        new TakeAwayAcker(1, Scene.S(2)),
        new Degrade(1, ""),
        new ReturnToAcknowledged(1),
        new ForgetElders(1, Scene.S(2)),
        new EndOrder(7, ""),
        new ForgetServer(Scene.S(3)),
        new TellProvisioned(Scene.S(3)),
        new ReportServer(Scene.N(1), Scene.S(9), new ServerReport { Status = ServerStatus.Up }),
        new ReportServer(Scene.N(1), Scene.S(2), new ServerReport { Status = ServerStatus.Down }),
    ];

    [Theory]
    [MemberData(nameof(OfAnotherPlan))]
    public void WhatComesTooLateChangesNothing(ClusterCommand command)
    {
        var state = Scene.FailingOver().State;
        var after = state.Apply(command);
        Assert.Equal((state.Plan, state.Epoch, state.Order, state.LastDecision, state.LastEpoch), (after.Plan, after.Epoch, after.Order, after.LastDecision, after.LastEpoch));
        Assert.Equal(state.Servers.Select(server => server.Report), after.Servers.Select(server => server.Report));
    }

    [Fact]
    public void AKeepAliveOfAnEpochThatIsOverDoesNotCount()
    {
        var state = Scene.FailingOver().State;
        Assert.False(state.IsPrimary(Scene.S(1), 1));
    }

    [Theory]
    [InlineData("s4", "h4", 3u)]
    [InlineData("s4", "h3", 4u)]
    [InlineData("s3", "h3", 2u)]
    public void TwoServersOfOneIdOrOneAddressAreNotTaken(string name, string host, uint id)
    {
        var state = Scene.Running().State;
        var spec = new ServerSpec { Name = new ServerName(name), Host = host, Port = 3306, ServerId = id };
        Assert.Equal(state.Servers, state.Apply(new DeclareServers(Scene.N(3), [spec])).Servers);
        Assert.NotNull(Transitions.Obstacle(state, Scene.N(3), spec));
    }

    [Fact]
    public void RulesCountOnlyWhenAllNodesKnowThem()
    {
        var state = Scene.Running().State;
        const int Known = ClusterState.LevelKnown;
        Assert.Equal(Known, state.Level);
        state = Declare(Declare(state, 1, Known + 1), 2, Known + 2);
        Assert.Equal(Known, state.Level);
        state = Declare(state, 3, Known + 1);
        Assert.Equal(Known + 1, state.Level);
        // Somebody goes back.
        Assert.Equal(Known + 1, Declare(state, 1, Known).Level);

        static ClusterState Declare(ClusterState state, int node, int level) => state.Apply(new DeclareServers(Scene.N(node), []) { Level = level });
    }

    [Fact]
    public void TheHistoryIsLimited()
    {
        var scene = Scene.Running();
        for (var i = 0; i < ClusterState.HistoryMax; i++)
            scene.Apply(new SetPause(i % 2 == 0));
        Assert.Equal(ClusterState.HistoryMax, scene.State.History.Length);
        Assert.Equal(scene.State.LastDecision, scene.State.History[^1].Number);
    }

    [Fact]
    public void AFormerPrimaryRecoversAsReplicaUntilItFollows()
    {
        var scene = Scene.FailingOver();
        Assert.Equal(ServerRole.Primary, scene.State.RoleOf(Scene.S(1)));
        scene.Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(12)));
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(2)));
        scene.Apply(scene.Next<Promote>());
        Assert.Equal(ServerRole.Replica, scene.State.RoleOf(Scene.S(1)));
        Assert.Equal(ServerRole.Primary, scene.State.RoleOf(Scene.S(3)));
        scene.Report(1, 12);
        Assert.Equal(ServerRole.Primary, scene.State.RoleOf(Scene.S(1)));
    }
}
