using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core.Tests;

public sealed class ServerPlanTests
{
    private static readonly GuardStatus Runs = new() { Start = 1, IsRunning = true };

    private static ServerObservation Replica(ulong applied, ulong received, bool isReceiving = true, bool isApplying = true, bool usesGtid = true) => new()
    {
        IsAnswering = true,
        IsReadOnly = true,
        IsSemiSyncReplica = true,
        Logged = Scene.At(applied),
        Applied = Scene.At(applied),
        Replica = new ReplicaObservation
        {
            SourceHost = "h1", SourcePort = 3306, UsesGtid = usesGtid, IsReceiverRunning = isReceiving, IsReceiverConnected = isReceiving, IsApplierRunning = isApplying,
            Received = Scene.At(received), HasUnapplied = received > applied,
        },
    };

    private static ServerObservation Primary(bool isReadOnly) => new()
    {
        IsAnswering = true, IsReadOnly = isReadOnly, IsSemiSyncPrimary = true, Logged = Scene.At(20), Applied = Scene.At(20), AllowedReplicas = [Scene.S(2), Scene.S(3)],
    };

    private static ServerStep Next(Scene scene, int server, ServerObservation? seen, GuardStatus? guard = null, ServerAction? action = null)
    {
        var notes = new ServerNotes { Guard = guard ?? Runs, Seen = seen, SeenNs = scene.NowNs, IsSeenNew = true, AnsweredNs = scene.NowNs, Action = action };
        return ServerPlan.Next(scene.State, scene.State.Find(Scene.S(server))!, notes, scene.Options, scene.NowNs);
    }

    [Fact]
    public void APrimaryWhoseProcessEndedIsToldDownAndNotStarted()
    {
        var gone = new GuardStatus { Start = 1, IsRunning = false, Ended = "signal 9" };
        Assert.Equal(new PrimaryDown(Scene.S(1), 1, "signal 9"), Next(Scene.Running(), 1, null, gone).Tell);
        var failing = Next(Scene.FailingOver(), 1, null, gone);
        Assert.Null(failing.Action);
        Assert.Null(failing.Tell);
    }

    [Fact]
    public void AReplicaWhoseProcessEndedIsStarted()
        => Assert.Equal(new StartServer(ServerRole.Primary), Next(Scene.Running(), 2, null, new GuardStatus { Start = 1, IsRunning = false }).Action);

    [Fact]
    public void AServerInMaintenanceIsNotStarted()
        => Assert.Null(Next(Scene.Running().Apply(new SetMaintenance(Scene.S(2), true)), 2, null, new GuardStatus { Start = 1, IsRunning = false }).Action);

    [Fact]
    public void APrimaryIsKilledWhenItsEpochIsOver()
        => Assert.IsType<KillServer>(Next(Scene.FailingOver(), 1, Primary(isReadOnly: false)).Action);

    [Fact]
    public void AReadOnlyPrimaryNeedNotDieButWhileItBecomesWritable()
    {
        var scene = Scene.Running().Apply(new BeginPlan(2, PlanKind.Failover, 2, "its lease is over"));
        Assert.Equal(new TellFenced(2, Scene.S(1), Fence.ReadOnly, Scene.At(20)), Next(scene, 1, Primary(isReadOnly: true)).Tell);
        Assert.IsType<KillServer>(Next(scene, 1, Primary(isReadOnly: true), action: new MakeWritable(1)).Action);
    }

    [Fact]
    public void APrimaryBecomesWritableOnlyWithADeadline()
    {
        var scene = Scene.Running();
        var armed = Runs with { Epoch = 1, DeadlineNs = scene.NowNs + 1 };
        Assert.IsType<MakeWritable>(Next(scene, 1, Primary(isReadOnly: true), armed).Action);
        Assert.Null(Next(scene, 1, Primary(isReadOnly: true), armed with { DeadlineNs = scene.NowNs }).Action);
        Assert.IsType<PrimaryDown>(Next(scene, 1, Primary(isReadOnly: true), armed with { Epoch = 0 }).Tell);
    }

    [Fact]
    public void AWitnessStopsToReceiveBeforeItSaysWhatItHas()
    {
        var scene = Scene.FailingOver();
        Assert.IsType<StopReceiver>(Next(scene, 2, Replica(10, 12)).Action);
        Assert.Equal(new TellPosition(2, Scene.S(2), Scene.At(12)), Next(scene, 2, Replica(10, 12, isReceiving: false)).Tell);
    }

    [Fact]
    public void ARelayLogIsAppliedBeforeAnythingElseAfterARestart()
    {
        var scene = Scene.FailingOver();
        Assert.IsType<ApplyRelayLog>(Next(scene, 2, Replica(10, 12, isReceiving: false, isApplying: false)).Action);
        var applying = Next(scene, 2, Replica(10, 12, isReceiving: false, usesGtid: false));
        Assert.Null(applying.Tell);
        Assert.Null(applying.Action);
        Assert.Equal(new TellPosition(2, Scene.S(2), Scene.At(12)), Next(scene, 2, Replica(12, 12, isReceiving: false, usesGtid: false)).Tell);
        Assert.IsType<ApplyRelayLog>(Next(Scene.Running(), 2, Replica(10, 12, isReceiving: false, isApplying: false)).Action);
    }

    [Fact]
    public void ACandidateAppliesThenFetches()
    {
        var scene = Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new ChooseCandidate(2, Scene.S(2), Scene.S(3), Scene.At(15), [], ""));
        Assert.Null(Next(scene, 2, Replica(10, 12, isReceiving: false)).Action);
        Assert.Equal(new Fetch(Scene.S(3), Scene.At(15)), Next(scene, 2, Replica(12, 12, isReceiving: false)).Action);
        Assert.Equal(new TellDrained(2, Scene.S(2)), Next(scene, 2, Replica(15, 15, isReceiving: false)).Tell);
        Assert.IsType<AllowReplicas>(Next(scene, 3, Replica(15, 15, isReceiving: false)).Action);
    }

    [Fact]
    public void AWritableReplicaIsStopped()
    {
        Assert.IsType<MakeReadOnly>(Next(Scene.Running(), 2, Replica(10, 10) with { IsReadOnly = false }).Action);
        Assert.IsType<KillServer>(Next(Scene.Running(), 2, Replica(10, 10) with { IsReadOnly = false, IsSemiSyncPrimary = true }).Action);
    }

    [Fact]
    public void AServerIsComparedBeforeItFollows()
    {
        var scene = Scene.Running();
        var seen = Replica(10, 10, isReceiving: false);
        Assert.IsType<Compare>(Next(scene, 2, seen).Action);
        var notes = new ServerNotes { Guard = Runs, Seen = seen, SeenNs = scene.NowNs, IsSeenNew = true, AnsweredNs = scene.NowNs, ComparedIn = 1, ComparedAt = Scene.At(10) };
        Assert.IsType<Follow>(Compared(scene, notes with { Compared = Comparison.Fits }).Action);
        Assert.IsType<SaveErrant>(Compared(scene, notes with { Compared = Comparison.Errant }).Action);
        Assert.Contains("counted on", Compared(scene, notes with { Compared = Comparison.Errant, SavedIn = 1 }).Reason, StringComparison.Ordinal);
        scene.Apply(new LockOutAcker(1, Scene.S(2), "diverged")).Apply(new TellLockedOut(1, Scene.S(2), scene.State.Epoch!.LockedOut[0].Since, Scene.At(10))).Apply(new TakeAwayAcker(1, Scene.S(2)));
        Assert.IsType<FlashBack>(Compared(scene, notes with { Compared = Comparison.Errant, SavedIn = 1 }).Action);
        Assert.IsType<ProvisionServer>(Compared(scene, notes with { Compared = Comparison.ErrantForGood, SavedIn = 1 }).Tell);
        Assert.IsType<ProvisionServer>(Compared(scene, notes with { Compared = Comparison.TooOld }).Tell);
    }

    [Fact]
    public void WhatCameAfterTheComparisonIsComparedAgain()
    {
        var scene = Scene.Running();
        var notes = new ServerNotes { Guard = Runs, Seen = Replica(11, 11, isReceiving: false), SeenNs = scene.NowNs, IsSeenNew = true, AnsweredNs = scene.NowNs, ComparedIn = 1, ComparedAt = Scene.At(10), Compared = Comparison.Errant, SavedIn = 1 };
        Assert.IsType<Compare>(Compared(scene, notes).Action);
    }

    [Fact]
    public void AServerIsFilledAnewOnlyWhenNobodyCountsOnIt()
    {
        var scene = Scene.Running().Apply(new ProvisionServer(Scene.S(2), "a person wants it"));
        var notes = new ServerNotes { Guard = Runs, Seen = Replica(10, 10, isReceiving: false), SeenNs = scene.NowNs, IsSeenNew = true, AnsweredNs = scene.NowNs, ComparedIn = 1, ComparedAt = Scene.At(10), Compared = Comparison.Fits };
        Assert.IsType<Follow>(Compared(scene, notes).Action);
        var broken = Compared(scene, notes with { Compared = Comparison.TooOld });
        Assert.Contains("counted on", broken.Reason, StringComparison.Ordinal);
        Assert.Null(broken.Tell);
        scene.Apply(scene.Next<LockOutAcker>()).Apply(new TellLockedOut(1, Scene.S(2), scene.State.Epoch!.LockedOut[0].Since, Scene.At(10))).Apply(scene.Next<TakeAwayAcker>());
        Assert.Equal(new Provision(Scene.S(3), Scene.At(10)), Compared(scene, notes).Action);
        Assert.IsType<TellProvisioned>(Compared(scene, notes with { IsProvisioned = true }).Tell);
    }

    [Fact]
    public void AKilledPrimaryIsToldWithTheReason()
    {
        var scene = Scene.Running();
        var notes = new ServerNotes { Guard = new GuardStatus { Start = 1, IsRunning = false, Ended = "its node killed it" }, KilledFor = "has not answered for 2000 ms" };
        var down = Assert.IsType<PrimaryDown>(ServerPlan.Next(scene.State, scene.State.Find(Scene.S(1))!, notes, scene.Options, scene.NowNs).Tell);
        Assert.Equal("its node killed it: has not answered for 2000 ms", down.Why);
    }

    [Fact]
    public void AnElderIsFilledAnewOnceTheEpochIsDegraded()
    {
        var scene = Scene.FailingOver(LossPolicy.Available).Apply(new ProvisionServer(Scene.S(3), "a person wants it"));
        scene.Apply(new TellPosition(2, Scene.S(2), Scene.At(12))).Apply(new TellPosition(2, Scene.S(3), Scene.At(11)));
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(2)));
        scene.Apply(scene.Next<Promote>()).Apply(new TellPromoted(2, Scene.S(2)));
        Assert.Contains(Scene.S(3), scene.State.Epoch!.Elders);
        var notes = new ServerNotes { Guard = Runs, Seen = Replica(11, 11, isReceiving: false), SeenNs = scene.NowNs, IsSeenNew = true, AnsweredNs = scene.NowNs, ComparedIn = 2, ComparedAt = Scene.At(11), Compared = Comparison.Fits };
        ServerStep Next() => ServerPlan.Next(scene.State, scene.State.Find(Scene.S(3))!, notes, scene.Options, scene.NowNs);
        Assert.IsNotType<Provision>(Next().Action);
        scene.Report(2, 12).Apply(new Degrade(2, "nobody acknowledges"));
        Assert.IsType<Provision>(Next().Action);
    }

    [Fact]
    public void AHungPrimaryIsKilled()
    {
        var scene = Scene.Running();
        var notes = new ServerNotes { Guard = Runs, Seen = new ServerObservation { IsAnswering = false, Error = "timeout" }, AnsweredNs = scene.NowNs - Scene.Second, SeenNs = scene.NowNs };
        Assert.Null(ServerPlan.Next(scene.State, scene.State.Find(Scene.S(1))!, notes, scene.Options, scene.NowNs).Action);
        scene.Later(Scene.Second);
        Assert.IsType<KillServer>(ServerPlan.Next(scene.State, scene.State.Find(Scene.S(1))!, notes, scene.Options, scene.NowNs).Action);
        scene.Apply(new SetPause(true));
        Assert.Null(ServerPlan.Next(scene.State, scene.State.Find(Scene.S(1))!, notes, scene.Options, scene.NowNs).Action);
    }

    [Fact]
    public void APrimaryLocksOutWhomTheStateLocksOut()
    {
        var scene = Scene.Running().Apply(new LockOutAcker(1, Scene.S(3), "gone"));
        var seen = Primary(isReadOnly: false) with { ConnectedReplicas = [2, 3] };
        Assert.Equal([Scene.S(2)], Assert.IsType<AllowReplicas>(Next(scene, 1, seen).Action).Allowed);
        seen = seen with { AllowedReplicas = [Scene.S(2)] };
        Assert.Null(Next(scene, 1, seen).Tell);
        Assert.Equal(Scene.S(3), Assert.IsType<TellLockedOut>(Next(scene, 1, seen with { ConnectedReplicas = [2] }).Tell).Server);
    }

    [Fact]
    public void APrimaryStopsToWaitOnlyByDecision()
    {
        var scene = Scene.Running(LossPolicy.Available);
        Assert.Null(Next(scene, 1, Primary(isReadOnly: false)).Action);
        Assert.Equal(new WaitForReplicas(false), Next(scene.Apply(new Degrade(1, "nobody")), 1, Primary(isReadOnly: false)).Action);
        Assert.Equal(new WaitForReplicas(true), Next(scene.Apply(new ReturnToAcknowledged(1)), 1, Primary(isReadOnly: false) with { IsSemiSyncPrimary = false }).Action);
    }

    private static ServerStep Compared(Scene scene, ServerNotes notes) => ServerPlan.Next(scene.State, scene.State.Find(Scene.S(2))!, notes, scene.Options, scene.NowNs);
}
