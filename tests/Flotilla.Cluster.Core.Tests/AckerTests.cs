using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core.Tests;

public sealed class AckerTests
{
    [Fact]
    public void AnAckerWhoseNodeIsGoneIsLockedOutAfterAWhile()
    {
        Scene.Running().Gone(3, Scene.Second).Waits();
        Assert.Equal(Scene.S(3), Scene.Running().Gone(3, 4 * Scene.Second).Next<LockOutAcker>().Server);
    }

    [Fact]
    public void TheLastAckerIsNeverLockedOut()
    {
        var scene = Scene.Running().Gone(3, 4 * Scene.Second).Report(2, 10, isReceiving: false);
        Assert.Contains("commits wait", scene.Waits(), StringComparison.Ordinal);
    }

    [Fact]
    public void AnAckerIsTakenAwayWhenAnotherOneHasWhatItMayHaveAcknowledged()
    {
        var scene = Scene.Running().Gone(3, 4 * Scene.Second);
        scene.Apply(scene.Next<LockOutAcker>()).Apply(new TellLockedOut(1, Scene.S(3), scene.State.Epoch!.LockedOut[0].Since, Scene.At(20)));
        scene.Report(2, 19).Waits();
        scene.Apply(new TakeAwayAcker(1, Scene.S(3)));
        Assert.Contains(Scene.S(3), scene.State.Epoch.Witnesses);
        scene.Report(2, 20).Apply(scene.Next<TakeAwayAcker>());
        Assert.DoesNotContain(Scene.S(3), scene.State.Epoch.Witnesses);
    }

    [Fact]
    public void ALockOutThatIsOldSaysNothingOfTheNextOne()
    {
        var scene = Scene.Running().Apply(new LockOutAcker(1, Scene.S(3), "gone"));
        var first = scene.State.Epoch!.LockedOut[0].Since;
        scene.Apply(new ReadmitAcker(1, Scene.S(3))).Apply(new LockOutAcker(1, Scene.S(3), "gone again")).Apply(new TellLockedOut(1, Scene.S(3), first, Scene.At(10)));
        Assert.Null(scene.State.Epoch.LockedOut[0].At);
    }

    [Fact]
    public void AnAckerThatIsBackIsLetInAgainWhenNobodyElseAcknowledges()
    {
        var scene = Scene.Running().Apply(new LockOutAcker(1, Scene.S(3), "its node is gone"));
        scene.Waits();
        scene.Apply(scene.Report(2, 10, isReceiving: false).Next<ReadmitAcker>());
        Assert.Empty(scene.State.Epoch!.LockedOut);
        Assert.Contains(Scene.S(3), scene.State.Epoch.Ackers);
    }

    [Fact]
    public void AReplicaThatIsReadyBecomesAnAcker()
    {
        var scene = Scene.Running().Apply(new LockOutAcker(1, Scene.S(3), "gone"));
        scene.Apply(new TellLockedOut(1, Scene.S(3), scene.State.Epoch!.LockedOut[0].Since, Scene.At(10))).Apply(new TakeAwayAcker(1, Scene.S(3)));
        Assert.Equal(Scene.S(3), scene.Report(3, 5, isReceiving: false).Next<AddAcker>().Server);
    }

    [Fact]
    public void StrictWaitsWithoutAckers()
    {
        var scene = Scene.Running().Down(2).Down(3).Silent(2, 3600 * Scene.Second).Silent(3, 3600 * Scene.Second);
        Assert.Contains("commits wait", scene.Waits(), StringComparison.Ordinal);
        Assert.Same(scene.State, scene.State.Apply(new Degrade(1, "against the policy")));
    }

    /// <summary>What was acknowledged while commits waited for nobody has no elder who could be asked for it.</summary>
    [Fact]
    public void AfterADegradedEpochNobodyElseIsPrimaryBeforeAnAckerHasAll()
    {
        var scene = Scene.Running(LossPolicy.Available).Report(2, 10, isReceiving: false).Report(3, 10, isReceiving: false).Apply(new Degrade(1, "nobody acknowledges"));
        foreach (var server in (int[])[2, 3])
        {
            scene.Apply(new LockOutAcker(1, Scene.S(server), "it is silent")).Apply(new TellLockedOut(1, Scene.S(server), scene.State.Epoch!.LockedOut.Single(one => one.Server == Scene.S(server)).Since, Scene.At(20)));
            scene.Apply(new TakeAwayAcker(1, Scene.S(server)));
        }

        Assert.Empty(scene.State.Epoch!.Witnesses);
        scene.Apply(new PrimaryDown(Scene.S(1), 1, "killed"));
        scene.Apply(scene.Next<BeginPlan>()).Apply(new TellPosition(2, Scene.S(1), Scene.At(30)));
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(1))).Apply(new Promote(2, [])).Apply(new TellPromoted(2, Scene.S(1))).Report(1, 31);
        Assert.Equal((Durability.Returning, Scene.At(30)), (scene.State.Epoch!.Durability, scene.State.Epoch.WaitsFrom));

        scene.Apply(new AddAcker(2, Scene.S(2))).Report(2, 10);
        Assert.Equal(PlanKind.Start, new Scene { View = scene.View, NowNs = scene.NowNs }.With(scene.State.Apply(new PrimaryDown(Scene.S(1), 2, "killed"))).Next<BeginPlan>().Kind);
        scene.Report(2, 30).Apply(scene.Next<EndDegraded>());
        Assert.Equal(Durability.Acknowledged, scene.State.Epoch!.Durability);
    }

    [Fact]
    public void AvailableDegradesAfterAWhileAndReturns()
    {
        var scene = Scene.Running(LossPolicy.Available).Down(2).Down(3).Silent(2, 11 * Scene.Second).Silent(3, 9 * Scene.Second);
        scene.Waits();
        scene.Apply(scene.Silent(3, 11 * Scene.Second).Next<Degrade>());
        scene.Notes = new CoordinatorNotes { KeepAliveNs = scene.NowNs };
        scene.Report(2, 10).Apply(scene.Next<ReturnToAcknowledged>());
        var since = scene.State.Epoch!.DurabilitySince;
        scene.Apply(new TellWaiting(1, since - 1, Scene.At(10)));
        Assert.Null(scene.State.Epoch.WaitsFrom);
        scene.Apply(new TellWaiting(1, since, Scene.At(30))).Waits();
        scene.Report(2, 30).Apply(scene.Next<EndDegraded>());
        Assert.Equal(Durability.Acknowledged, scene.State.Epoch.Durability);
    }

    [Fact]
    public void EldersAreAskedUntilAnAckerHasWhatTheyHad()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(11)));
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(2)));
        scene.Apply(scene.Next<Promote>()).Apply(new TellPromoted(2, Scene.S(2)));
        Assert.Equal([Scene.S(2), Scene.S(3)], scene.State.Epoch!.Elders);
        scene.Notes = new CoordinatorNotes { KeepAliveNs = scene.NowNs };
        scene.Report(3, 11).Waits();
        scene.Report(3, 12).Apply(scene.Next<ForgetElders>());
        Assert.Empty(scene.State.Epoch.Elders);
    }

    [Fact]
    public void AReportOfAnEarlierEpochProvesNothing()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(11)));
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(2)));
        scene.Apply(scene.Next<Promote>()).Apply(new TellPromoted(2, Scene.S(2)));
        scene.Apply(new ReportServer(Scene.N(3), Scene.S(3), new ServerReport { Status = ServerStatus.Up, Epoch = 1, Source = Scene.S(2), IsReceiving = true, Received = Scene.At(99) }));
        Assert.NotEmpty(scene.State.Apply(new ForgetElders(2, Scene.S(3))).Epoch!.Elders);
    }

    /// <summary>A person wants all replicas filled anew: one after the other, or commits would wait for ever.</summary>
    [Fact]
    public void WhoIsToBeFilledAnewAcknowledgesWhileNobodyElseDoes()
    {
        var scene = Scene.Running().Apply(new ProvisionServer(Scene.S(2), "a person wants it")).Apply(new ProvisionServer(Scene.S(3), "a person wants it"));
        scene.Apply(new PrimaryDown(Scene.S(1), 1, "killed")).Apply(new BeginPlan(2, PlanKind.Start, 2, "")).Apply(new TellPosition(2, Scene.S(1), Scene.At(10)))
            .Apply(new ChooseCandidate(2, Scene.S(1), null, Scene.At(10), [], "")).Apply(new TellDrained(2, Scene.S(1))).Apply(scene.Next<Promote>()).Apply(new TellPromoted(2, Scene.S(1)));
        Assert.Empty(scene.State.Epoch!.Ackers);
        scene.Notes = new CoordinatorNotes { KeepAliveNs = scene.NowNs };

        scene.Report(1, 10).Report(2, 10, isReceiving: false).Report(3, 10, isReceiving: false);
        Assert.Equal(Scene.S(2), scene.Next<AddAcker>().Server);
        scene.Apply(scene.Next<AddAcker>()).Report(2, 10).Apply(scene.Next<ForgetElders>());
        Assert.Equal([Scene.S(2)], scene.State.Epoch.Witnesses);
        scene.Waits();

        // Nobody counts on s3 any more: it is filled anew, and s2 after it.
        scene.Apply(new TellProvisioned(Scene.S(3))).Apply(scene.Next<AddAcker>()).Report(3, 10);
        Assert.Equal(Scene.S(2), scene.Next<LockOutAcker>().Server);
    }

    /// <summary>Two that think they coordinate, or one that comes late.</summary>
    [Fact]
    public void TheSecondLockOutOfTwoChangesNothing()
    {
        var scene = Scene.Running().Apply(new LockOutAcker(1, Scene.S(2), "gone"));
        Assert.Same(scene.State, scene.State.Apply(new LockOutAcker(1, Scene.S(3), "gone")));
    }

    [Fact]
    public void InADegradedEpochWhoIsToBeFilledAnewIsLockedOutForGood()
    {
        var scene = Scene.Running(LossPolicy.Available).Apply(new Degrade(1, "nobody acknowledges")).Apply(new ProvisionServer(Scene.S(2), "a person wants it"));
        scene.Report(2, 10).Report(3, 10, isReceiving: false).Apply(scene.Next<LockOutAcker>()).Report(2, 10, isReceiving: false).Waits();
        Assert.True(scene.State.Epoch!.IsLockedOut(Scene.S(2)));
    }

    [Fact]
    public void AvailableDegradesWhenWhoAcknowledgesCanOnlyBeFilledAnew()
    {
        var scene = Scene.Running(LossPolicy.Available).Report(3, 10, isReceiving: false).Apply(new ProvisionServer(Scene.S(2), "can't apply")).Report(2, 10);
        scene.Waits();
        var stuck = scene.State.Find(Scene.S(2))!.Report with { Error = "1950: out of order" };
        scene.Apply(new ReportServer(Scene.N(2), Scene.S(2), stuck));
        scene.Apply(scene.Next<Degrade>()).Apply(scene.Next<LockOutAcker>());
        Assert.True(scene.State.Epoch!.IsLockedOut(Scene.S(2)));
    }

    [Fact]
    public void InADegradedEpochWhoWasSilentIsTakenAwayAndNotLetInAgain()
    {
        var scene = Scene.Running(LossPolicy.Available).Report(2, 10, isReceiving: false).Report(3, 10, isReceiving: false).Apply(new Degrade(1, "nobody acknowledges"));
        scene.Silent(2, 11 * Scene.Second).Apply(scene.Next<LockOutAcker>());
        scene.Notes = new CoordinatorNotes { KeepAliveNs = scene.NowNs };
        scene.Waits();
        scene.Apply(new TellLockedOut(1, Scene.S(2), scene.State.Epoch!.LockedOut[0].Since, Scene.At(10))).Apply(scene.Next<TakeAwayAcker>());
    }
}
