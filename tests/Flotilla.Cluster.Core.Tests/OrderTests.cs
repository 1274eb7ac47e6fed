using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core.Tests;

public sealed class OrderTests
{
    private static Scene SwitchingOver()
    {
        var scene = Scene.Running().Apply(new GiveOrder(new Order { Kind = OrderKind.Switchover, To = Scene.S(3) }));
        return scene.Apply(scene.Next<BeginPlan>());
    }

    [Fact]
    public void ASwitchoverGoesToAReplicaThatIsClose()
    {
        var scene = SwitchingOver();
        Assert.Equal((PlanKind.Switchover, Scene.S(3), PlanPhase.Quiesce), (scene.State.Plan!.Kind, scene.State.Plan.Candidate!.Value, scene.State.Plan.Phase));
        Assert.True(scene.State.IsPrimary(Scene.S(1), 1));
    }

    [Theory]
    [InlineData(2, "node a stops")]
    [InlineData(1, "a person wants it")]
    public void TheHistoryHasTheCauseOfAnOrderWhereAllNodesKnowIt(int level, string cause)
    {
        var scene = Scene.Running();
        scene.State = scene.State with { Level = level };
        scene.Apply(new GiveOrder(new Order { Kind = OrderKind.Switchover, To = Scene.S(3), Cause = "node a stops" }));
        Assert.Equal(cause, scene.State.History[^1].Why);
        Assert.Equal(cause, scene.Next<BeginPlan>().Cause);
    }

    [Fact]
    public void ASwitchoverMakesTheOldPrimaryAnAcker()
    {
        var scene = SwitchingOver().Apply(new TellFenced(2, Scene.S(1), Fence.ReadOnly, Scene.At(20))).Apply(new TellDrained(2, Scene.S(3)));
        scene.Apply(scene.Next<Promote>());
        Assert.Equal((2ul, Scene.S(3)), (scene.State.Epoch!.Number, scene.State.Epoch.Primary));
        Assert.Equal([Scene.S(1), Scene.S(2)], scene.State.Epoch.Ackers);
        Assert.Empty(scene.State.Epoch.Elders);
        Assert.Null(scene.Apply(new TellPromoted(2, Scene.S(3))).State.Order);
    }

    [Fact]
    public void ASwitchoverThatTakesTooLongLeavesThePrimaryAsItWas()
    {
        var scene = SwitchingOver().Apply(new TellFenced(2, Scene.S(1), Fence.ReadOnly, Scene.At(20)));
        scene.Notes = scene.Notes with { KeepAliveNs = scene.NowNs + (11 * Scene.Second) };
        scene.Later(11 * Scene.Second).Apply(scene.Next<AbandonPlan>());
        Assert.True(scene.State.IsPrimary(Scene.S(1), 1));
        Assert.Null(scene.State.Plan);
        Assert.Null(scene.State.Order);
    }

    [Fact]
    public void AFenceOfASwitchoverGivenUpSaysNothingOfTheNext()
    {
        var scene = SwitchingOver().Apply(new AbandonPlan(2, "too slow")).Apply(new GiveOrder(new Order { Kind = OrderKind.Switchover }));
        scene.Apply(scene.Next<BeginPlan>()).Apply(new TellFenced(2, Scene.S(1), Fence.ReadOnly, Scene.At(20)));
        Assert.Null(scene.State.Plan!.Fence);
    }

    [Fact]
    public void APrimaryThatDiesWhileItGivesWayIsFailedOver()
    {
        var scene = SwitchingOver().Apply(new PrimaryDown(Scene.S(1), 1, "killed")).Down(1);
        scene.Apply(scene.Next<AbandonPlan>());
        Assert.Equal(PlanKind.Failover, scene.Next<BeginPlan>().Kind);
    }

    [Fact]
    public void AnOrderIsOpenUntilTheLastPlanThatCarriesItOutHasEnded()
    {
        var scene = Scene.Running().Apply(new GiveOrder(new Order { Kind = OrderKind.Failover }));
        scene.Apply(scene.Next<BeginPlan>()).Apply(new PrimaryDown(Scene.S(1), 1, "killed")).Apply(new TellPosition(2, Scene.S(2), Scene.At(10))).Apply(new TellPosition(2, Scene.S(3), Scene.At(10)));
        scene.Apply(scene.Next<ChooseCandidate>()).Down(2);
        scene.Apply(scene.Next<BeginPlan>());
        Assert.Equal((3ul, 1ul, (ulong?)1), (scene.State.Plan!.Number, scene.State.Plan.Order, scene.State.Order?.Number));
        scene.Apply(new AbandonPlan(3, "enough"));
        Assert.Null(scene.State.Order);
    }

    [Fact]
    public void ASwitchoverToNobodyIsRefused()
        => Assert.Contains("no replica", Scene.Running().Apply(new GiveOrder(new Order { Kind = OrderKind.Switchover, To = Scene.S(1) })).Next<EndOrder>().Why, StringComparison.Ordinal);

    [Fact]
    public void ASecondOrderIsRefusedWhileOneIsOpen()
    {
        var scene = SwitchingOver().Apply(new GiveOrder(new Order { Kind = OrderKind.Failover }));
        Assert.Equal(OrderKind.Switchover, scene.State.Order!.Kind);
        Assert.Contains("refused", scene.State.History[^1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void AFailoverIsNotOrderedTwice()
        => Assert.Contains("on its way", Scene.FailingOver().Apply(new GiveOrder(new Order { Kind = OrderKind.Failover })).Next<EndOrder>().Why, StringComparison.Ordinal);

    [Fact]
    public void AForcedFailoverPassesOverWhoCannotBeAsked()
    {
        var scene = Scene.FailingOver().Gone(3, 1).Gone(1, 1).Apply(new TellPosition(2, Scene.S(2), Scene.At(12)));
        scene.Apply(new GiveOrder(new Order { Kind = OrderKind.Failover, IsForced = true }));
        scene.Apply(scene.Next<BeginPlan>()).Apply(new TellPosition(3, Scene.S(2), Scene.At(12))).Waits();
        var choice = scene.Later(3 * Scene.Second).Next<ChooseCandidate>();
        Assert.Equal(Scene.S(3), Assert.Single(choice.Missing));
        Assert.Contains("is lost", scene.Apply(choice).State.History[^1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void MaintenanceKeepsAServerFromBeingPrimary()
    {
        var scene = Scene.FailingOver().Apply(new SetMaintenance(Scene.S(2), true));
        scene.Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(11)));
        var choice = scene.Next<ChooseCandidate>();
        Assert.Equal((Scene.S(3), Scene.S(2)), (choice.Candidate, choice.Source!.Value));
    }
}
