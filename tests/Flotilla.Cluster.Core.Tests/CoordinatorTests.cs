using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core.Tests;

public sealed class CoordinatorTests
{
    [Fact]
    public void OnlyTheOldestNodeDecides()
    {
        var scene = Scene.Running().Apply(new PrimaryDown(Scene.S(1), 1, "killed"));
        var step = Coordinator.Next(scene.State, scene.View, scene.Notes, scene.Options with { Node = Scene.N(2) }, scene.NowNs);
        Assert.Null(step.Command);
        Assert.Contains("n1 coordinates", step.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ANodeWithoutAViewDecidesNothing()
        => Assert.Null(Coordinator.Next(Scene.Running().State, NodeView.None, new CoordinatorNotes(), new AgentOptions { Node = Scene.N(1), Life = 1 }, 0).Command);

    [Fact]
    public void APrimaryThatIsWellIsLeftAlone() => Assert.Contains("s1 is primary", Scene.Running().Waits(), StringComparison.Ordinal);

    [Fact]
    public void BeforeTheFirstPrimaryEveryNodeMustHaveSpoken()
    {
        var scene = new Scene();
        scene.Apply(new DeclareServers(Scene.N(1), [new ServerSpec { Name = Scene.S(1), Host = "h1", Port = 3306, ServerId = 1 }]));
        Assert.Contains("n2, n3", scene.Waits(), StringComparison.Ordinal);
        scene.Apply(new DeclareServers(Scene.N(2), [])).Apply(new DeclareServers(Scene.N(3), []));
        Assert.Equal(PlanKind.Start, scene.Next<BeginPlan>().Kind);
    }

    /// <summary>Its guard is told the same: however long the leases are that other nodes have.</summary>
    [Fact]
    public void TheEndOfALeaseIsThatOfTheEpoch()
    {
        var scene = new Scene();
        for (var i = 1; i <= 3; i++)
            scene.Apply(new DeclareServers(Scene.N(i), [new ServerSpec { Name = Scene.S(i), Host = $"h{i}", Port = 3306, ServerId = (uint)i, LeaseMs = i == 1 ? 30_000 : 2_000 }]));
        scene.Apply(new BeginPlan(1, PlanKind.Start, 1, "")).Apply(new TellPosition(1, Scene.S(1), Scene.At(10))).Apply(new ChooseCandidate(1, Scene.S(1), null, Scene.At(10), [], ""))
            .Apply(new TellDrained(1, Scene.S(1))).Apply(new Promote(1, [Scene.S(2), Scene.S(3)])).Apply(new TellPromoted(1, Scene.S(1)));
        scene.Report(1, 10).Report(2, 10).Report(3, 10).Notes = scene.Notes with { KeepAliveNs = scene.NowNs };
        Assert.Contains("is primary", scene.Later(29 * Scene.Second).Waits(), StringComparison.Ordinal);
        Assert.Equal(PlanKind.Failover, scene.Later(2 * Scene.Second).Next<BeginPlan>().Kind);
    }

    [Fact]
    public void ThePrimarysEndIsACause()
    {
        var begin = Scene.Running().Apply(new PrimaryDown(Scene.S(1), 1, "killed")).Next<BeginPlan>();
        Assert.Equal((PlanKind.Failover, 2ul), (begin.Kind, begin.Epoch));
    }

    [Fact]
    public void APrimaryWhoseNodeIsGoneIsWaitedForWhileItAnswers()
    {
        var scene = Scene.Running().Gone(1, Scene.Second / 2).Seen(1, new ServerObservation { IsAnswering = true });
        Assert.Contains("has a lease", scene.Waits(), StringComparison.Ordinal);
        Assert.Equal(PlanKind.Failover, scene.Later(3 * Scene.Second).Next<BeginPlan>().Kind);
    }

    [Fact]
    public void APrimaryWhoseNodeIsGoneAndThatDoesNotAnswerIsGivenUpAtOnce()
        => Assert.Equal(PlanKind.Failover, Scene.Running().Gone(1, Scene.Second / 2).Seen(1, new ServerObservation { IsAnswering = false, Error = "refused" }).Next<BeginPlan>().Kind);

    /// <summary>A host that is cut off: the first look at it is not over for a long time.</summary>
    [Fact]
    public void APrimaryThatHasNotAnsweredSinceItsNodeIsGoneIsNotWaitedForToTheEndOfItsLease()
    {
        var scene = Scene.Running();
        scene.Later(3 * Scene.Second / 2).Gone(1, 0);
        Assert.Contains("has a lease", scene.Later(Scene.Second / 10).Waits(), StringComparison.Ordinal);
        scene.Later(Scene.Second / 5);
        Assert.True(scene.NowNs < scene.Notes.KeepAliveNs + scene.Options.LeaseEndNs(2 * Scene.Second));
        Assert.Contains("has not answered", scene.Next<BeginPlan>().Cause, StringComparison.Ordinal);
        Assert.Contains("has a lease", scene.Seen(1, new ServerObservation { IsAnswering = true }).Waits(), StringComparison.Ordinal);
    }

    [Fact]
    public void APrimaryThatNoReplicaCanConnectToIsReplaced()
    {
        var scene = Scene.Running().Report(2, 10, isReceiving: false).Report(3, 10, isReceiving: false).Silent(2, 6 * Scene.Second);
        var begin = scene.Next<BeginPlan>();
        Assert.Equal((PlanKind.Failover, "s2 cannot connect to s1, and nobody else acknowledges"), (begin.Kind, begin.Cause));
    }

    [Fact]
    public void APrimaryThatOneReplicaIsConnectedToIsLeftAlone()
    {
        var scene = Scene.Running().Report(2, 10, isReceiving: false).Silent(2, 6 * Scene.Second);
        Assert.IsNotType<BeginPlan>(scene.Next().Command);
    }

    [Fact]
    public void APrimaryWhoseReplicasDoNotTryIsLeftAlone()
    {
        var scene = Scene.Running().Down(2).Down(3).Silent(2, 6 * Scene.Second).Silent(3, 6 * Scene.Second);
        Assert.IsNotType<BeginPlan>(scene.Next().Command);
    }

    [Fact]
    public void KeepAlivesThatStopAreACause()
    {
        var scene = Scene.Running().Later(2 * Scene.Second);
        scene.Waits();
        Assert.Contains("no keep-alive", scene.Later(Scene.Second).Next<BeginPlan>().Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsBegunWhilePaused()
        => Assert.Contains("paused", Scene.Running().Apply(new SetPause(true)).Apply(new PrimaryDown(Scene.S(1), 1, "killed")).Waits(), StringComparison.Ordinal);

    [Fact]
    public void ASecondFailoverWithinTheWindowIsARestartInPlace()
    {
        var scene = Scene.Running().Apply(new PrimaryDown(Scene.S(1), 1, "killed"));
        scene.Notes = scene.Notes with { FailoverNs = scene.NowNs - (60 * Scene.Second) };
        Assert.Equal(PlanKind.Start, scene.Next<BeginPlan>().Kind);
        scene.Notes = scene.Notes with { FailoverNs = scene.NowNs - (601 * Scene.Second) };
        Assert.Equal(PlanKind.Failover, scene.Next<BeginPlan>().Kind);
    }

    [Fact]
    public void ADegradedEpochIsNotFailedOver()
    {
        var scene = Scene.Running(LossPolicy.Available).Apply(new Degrade(1, "nobody acknowledges")).Apply(new PrimaryDown(Scene.S(1), 1, "killed"));
        Assert.Equal(PlanKind.Start, scene.Next<BeginPlan>().Kind);
    }

    [Fact]
    public void NobodyIsChosenBeforeEveryWitnessHasSpoken()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12)));
        Assert.Contains("waits for s3", scene.Waits(), StringComparison.Ordinal);
        Assert.Equal(Scene.S(3), scene.Apply(new TellPosition(2, Scene.S(3), Scene.At(13))).Next<ChooseCandidate>().Candidate);
    }

    [Fact]
    public void WhatAFormerPrimaryHasDoesNotCount()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(12)));
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(2)));
        scene.Apply(scene.Next<Promote>()).Apply(new TellPromoted(2, Scene.S(2))).Report(2, 12).Report(3, 12).Apply(new PrimaryDown(Scene.S(2), 2, "killed"));
        scene.Apply(scene.Next<BeginPlan>()).Apply(new TellPosition(3, Scene.S(1), Scene.At(99)));
        Assert.Empty(scene.State.Plan!.Positions);
    }

    [Fact]
    public void StrictWaitsForAWitnessForEver()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Gone(3, 1).Gone(1, 1);
        Assert.Contains("s3", scene.Later(3600 * Scene.Second).Waits(), StringComparison.Ordinal);
    }

    [Fact]
    public void AvailableGoesOnAndRecordsWhoWasNotAsked()
    {
        var scene = Scene.FailingOver(LossPolicy.Available).Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Gone(3, 1).Gone(1, 1);
        scene.Later(9 * Scene.Second).Waits();
        var choice = scene.Later(2 * Scene.Second).Next<ChooseCandidate>();
        Assert.Equal((Scene.S(2), Scene.S(3)), (choice.Candidate, Assert.Single(choice.Missing)));
    }

    [Fact]
    public void WhoMayNeverBePrimaryIsOnlyASource()
    {
        var scene = Scene.FailingOver().Apply(new DeclareServers(Scene.N(3), [new ServerSpec { Name = Scene.S(3), Host = "h3", Port = 3306, ServerId = 3, Priority = ServerPriority.Never }]));
        scene.Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(15)));
        var choice = scene.Next<ChooseCandidate>();
        Assert.Equal((Scene.S(2), Scene.S(3), Scene.At(15)), (choice.Candidate, choice.Source!.Value, choice.Target));
    }

    [Fact]
    public void AmongEqualsPriorityDecides()
    {
        var scene = Scene.FailingOver().Apply(new DeclareServers(Scene.N(3), [new ServerSpec { Name = Scene.S(3), Host = "h3", Port = 3306, ServerId = 3, Priority = ServerPriority.Prefer }]));
        scene.Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(12)));
        Assert.Equal(Scene.S(3), scene.Next<ChooseCandidate>().Candidate);
    }

    [Fact]
    public void WhatContradictsItselfIsLeftToAPerson()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12, 2))).Apply(new TellPosition(2, Scene.S(3), Scene.At(12, 3)));
        Assert.Contains("contradicts itself", scene.Waits(), StringComparison.Ordinal);
    }

    [Fact]
    public void ThePromotionWaitsForTheFence()
    {
        var scene = Scene.Running().Gone(1, Scene.Second).Seen(1, new ServerObservation { IsAnswering = false });
        scene.Apply(scene.Next<BeginPlan>());
        scene.Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(12)));
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(2)));
        Assert.Contains("lease", scene.Waits(), StringComparison.Ordinal);
        Assert.Same(scene.State, scene.State.Apply(new Promote(2, [])));
        scene.Later(3 * Scene.Second);
        scene.Apply(scene.Next<TellFenced>());
        Assert.Equal(Scene.S(3), Assert.Single(scene.Next<Promote>().Ackers));
    }

    [Fact]
    public void AServerWithoutItsNodeIsAskedAfterTheFenceOnly()
    {
        var stopped = new ServerObservation { IsAnswering = true, IsReadOnly = true, Applied = Scene.At(14), Logged = Scene.At(14) };
        var scene = Scene.Running().Gone(3, Scene.Second).Seen(3, stopped).Gone(1, Scene.Second).Seen(1, new ServerObservation { IsAnswering = false });
        scene.View = new([Scene.N(2)]);
        scene.Apply(scene.Next<BeginPlan>());
        scene.Seen(3, stopped).Waits();
        scene.Apply(new TellFenced(2, Scene.S(1), Fence.LeaseOver, null));
        Assert.Equal(Scene.S(3), scene.Seen(3, stopped).Next<TellPosition>().Server);
    }

    [Fact]
    public void ACandidateThatIsGoneIsGivenUp()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(12)));
        scene.Apply(scene.Next<ChooseCandidate>()).Gone(2, 1);
        var begin = scene.Next<BeginPlan>();
        Assert.Equal((3ul, Scene.S(2)), (begin.Epoch, Assert.Single(begin.Without)));
    }

    [Fact]
    public void TheLastPrimaryAloneHasEverything()
    {
        var scene = Scene.FailingOver().Apply(new BeginPlan(3, PlanKind.Start, 3, "s3 can't be asked"));
        var choice = scene.Report(1, 20).Apply(new TellPosition(3, Scene.S(1), Scene.At(20))).Next<ChooseCandidate>();
        Assert.Equal((Scene.S(1), Scene.At(20)), (choice.Candidate, choice.Target));
        Assert.Empty(choice.Missing);
    }

    [Fact]
    public void ALastPrimaryThatLostItsDataIsLikeAllOthers()
    {
        var scene = Scene.FailingOver().Apply(new BeginPlan(3, PlanKind.Start, 3, "s3 can't be asked"));
        scene.Apply(new TellPosition(3, Scene.S(1), GtidPosition.Empty)).Apply(new TellPosition(3, Scene.S(2), Scene.At(12)));
        Assert.Contains("waits for s3", scene.Waits(), StringComparison.Ordinal);
    }
}
