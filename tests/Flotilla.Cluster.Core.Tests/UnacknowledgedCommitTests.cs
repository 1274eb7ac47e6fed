using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core.Tests;

/// <summary>Commits that were killed while they waited, and answered.</summary>
public sealed class UnacknowledgedCommitTests
{
    [Fact]
    public void WhatTheServerCountsMoreThanAtItsPromotionIsTold()
    {
        var scene = Scene.Running();
        Assert.Null(Tell(scene, counted: 0));
        var told = Assert.IsType<TellUnacknowledged>(Tell(scene, counted: 2));
        Assert.Equal(new TellUnacknowledged(1, 2, Scene.At(12)), told);
        Assert.Null(Tell(scene.Apply(told), counted: 2));
        Assert.Contains("s1 ended 2 commits of epoch 1 that nobody had acknowledged", scene.State.History[^1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void ItIsOpenUntilAnAckerHasAll()
    {
        var scene = Told(2, 12);
        Assert.Equal(Scene.At(12), scene.Report(2, 11).State.Epoch!.Unacknowledged!.Position);
        scene.Apply(new EndUnacknowledged(1, Scene.S(2)));
        Assert.NotNull(scene.State.Epoch!.Unacknowledged!.Position);
        scene.Waits();
        scene.Report(2, 12).Apply(scene.Next<EndUnacknowledged>());
        Assert.Equal(new UnacknowledgedCommits(2, 2, null, scene.State.LastDecision), scene.State.Epoch.Unacknowledged);
        scene.Waits();
    }

    [Fact]
    public void TheHistoryHasOneLineAsLongAsNothingElseIsDecided()
    {
        var scene = Told(2, 12);
        var lines = scene.State.History.Length;
        scene.Apply(new TellUnacknowledged(1, 5, Scene.At(15))).Apply(new TellUnacknowledged(1, 5, Scene.At(15)));
        Assert.Equal(lines, scene.State.History.Length);
        Assert.Contains("s1 ended 5 commits", scene.State.History[^1].What, StringComparison.Ordinal);
        scene.Apply(new SetPause(true)).Apply(new TellUnacknowledged(1, 6, Scene.At(16)));
        Assert.Equal(lines + 2, scene.State.History.Length);
    }

    [Fact]
    public void AServerThatBeginsToCountAgainIsFollowed()
    {
        var scene = Told(5, 12).Report(2, 12).Apply(new EndUnacknowledged(1, Scene.S(2)));
        Assert.Equal(new TellUnacknowledged(1, 0, Scene.At(12)), Tell(scene, counted: 0));
        scene.Apply(new TellUnacknowledged(1, 0, Scene.At(12)));
        Assert.Equal((0, 5, null), (scene.State.Epoch!.Unacknowledged!.Counted, scene.State.Epoch.Unacknowledged.Commits, scene.State.Epoch.Unacknowledged.Position));
        scene.Apply(new TellUnacknowledged(1, 2, Scene.At(14)));
        Assert.Equal((2, 7, Scene.At(14)), (scene.State.Epoch.Unacknowledged.Counted, scene.State.Epoch.Unacknowledged.Commits, scene.State.Epoch.Unacknowledged.Position));
    }

    /// <summary>Only the primary has what clients were told of: it is wanted back, or a person says that it is lost.</summary>
    [Fact]
    public void StrictMakesNobodyElsePrimaryWhileOnlyTheLastOneHasThem()
    {
        var scene = FailingOver(LossPolicy.Strict, received: 11);
        Assert.Contains("only s1 has everything", scene.Waits(), StringComparison.Ordinal);
        var forced = FailingOver(LossPolicy.Strict, received: 11, isForced: true).Later(10 * Scene.Second);
        var choice = forced.Next<ChooseCandidate>();
        Assert.Equal([Scene.S(1)], choice.Missing);
        Assert.Contains("2 commits that s1 ended without an acknowledgement may be lost", forced.Apply(choice).State.History[^1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void AReplicaThatHasThemAfterAllIsMadePrimary()
    {
        var scene = FailingOver(LossPolicy.Strict, received: 12);
        Assert.Equal(Scene.S(2), scene.Next<ChooseCandidate>().Candidate);
    }

    [Fact]
    public void AvailableGoesOnWithoutThemAndSaysSo()
    {
        var scene = FailingOver(LossPolicy.Available, received: 11);
        scene.Apply(scene.Next<ChooseCandidate>());
        Assert.Contains("2 commits that s1 ended without an acknowledgement may be lost", scene.State.History[^1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void TheNextEpochBeginsToCountWhereItsPrimaryIs()
    {
        var scene = FailingOver(LossPolicy.Strict, received: 12);
        scene.Apply(scene.Next<ChooseCandidate>()).Apply(new TellDrained(2, Scene.S(2)));
        scene.Apply(scene.Next<Promote>()).Apply(new TellPromoted(2, Scene.S(2)) { Counted = 7 });
        Assert.Equal(new UnacknowledgedCommits(7, 0, null, 0), scene.State.Epoch!.Unacknowledged);
    }

    [Fact]
    public void WhatADegradedEpochLetGoIsAgreedOn()
    {
        var scene = Scene.Running(LossPolicy.Available).Apply(new Degrade(1, "nobody acknowledges"));
        scene.Apply(new TellUnacknowledged(1, 4, Scene.At(14))).Apply(new ReturnToAcknowledged(1)).Apply(new TellWaiting(1, scene.State.Epoch!.DurabilitySince, Scene.At(14)) { Counted = 4 });
        Assert.Equal(new UnacknowledgedCommits(4, 0, null, 0), scene.State.Epoch.Unacknowledged);
    }

    [Fact]
    public void NothingIsToldByRulesBeforeLevelTwo()
    {
        var scene = Scene.Running();
        var state = scene.State with { Level = 1 };
        Assert.Null(ServerPlan.Next(state, state.Find(Scene.S(1))!, Notes(scene, 2), scene.Options, scene.NowNs).Tell);
    }

    private static Scene Told(long counted, ulong at) => Scene.Running().Apply(new TellUnacknowledged(1, counted, Scene.At(at)));

    /// <summary>s1, which ended two commits unacknowledged, is gone; s2 and s3 told what they have.</summary>
    private static Scene FailingOver(LossPolicy loss, ulong received, bool isForced = false)
    {
        var scene = Scene.Running(loss).Apply(new TellUnacknowledged(1, 2, Scene.At(12))).Apply(new PrimaryDown(Scene.S(1), 1, "killed")).Down(1).Gone(1, Scene.Second);
        scene.View = new([Scene.N(2), Scene.N(3)]);
        scene.Apply(scene.Next<BeginPlan>() with { IsForced = isForced });
        return scene.Apply(new TellPosition(2, Scene.S(2), Scene.At(received))).Apply(new TellPosition(2, Scene.S(3), Scene.At(10)));
    }

    private static ClusterCommand? Tell(Scene scene, long counted)
        => ServerPlan.Next(scene.State, scene.State.Find(Scene.S(1))!, Notes(scene, counted), scene.Options, scene.NowNs).Tell;

    private static ServerNotes Notes(Scene scene, long counted) => new()
    {
        Guard = new GuardStatus { Start = 1, IsRunning = true, Epoch = 1, DeadlineNs = scene.NowNs + Scene.Second },
        Seen = new ServerObservation
        {
            IsAnswering = true, IsSemiSyncPrimary = true, Logged = Scene.At(12), Applied = Scene.At(12), AllowedReplicas = [Scene.S(2), Scene.S(3)], UnacknowledgedCommits = counted,
        },
        SeenNs = scene.NowNs,
        IsSeenNew = true,
        AnsweredNs = scene.NowNs,
    };
}
