using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Core.Inputs;

namespace Flotilla.Cluster.Core.Tests;

/// <summary>A server whose process its node leaves alone: s2 in a cluster of three.</summary>
public sealed class WatchedServerTests
{
    private static ServerSpec Spec(int server) => new() { Name = Scene.S(server), Host = $"h{server}", Port = 3306, ServerId = (uint)server, IsWatched = true };

    private static Scene Watching(int server = 2, Scene? scene = null) => (scene ?? Scene.Running()).Apply(new DeclareServers(Scene.N(server), [Spec(server)]));

    private static ServerObservation Replica(bool isReadOnly = true, bool isSemiSyncPrimary = false) => new()
    {
        IsAnswering = true,
        IsReadOnly = isReadOnly,
        IsSemiSyncReplica = true,
        IsSemiSyncPrimary = isSemiSyncPrimary,
        Logged = Scene.At(10),
        Applied = Scene.At(10),
        Replica = new ReplicaObservation { SourceHost = "h1", SourcePort = 3306, UsesGtid = true, IsReceiverRunning = true, IsReceiverConnected = true, IsApplierRunning = true, Received = Scene.At(10), HasUnapplied = false },
    };

    private static ServerStep Next(Scene scene, ServerObservation? seen, bool isRunning = true, long silentNs = 0, int server = 2, Comparison? compared = null, ulong unfitStart = 0)
    {
        var notes = new ServerNotes
        {
            Guard = new GuardStatus { Start = 1, IsRunning = isRunning }, Seen = seen, SeenNs = scene.NowNs, IsSeenNew = true, AnsweredNs = scene.NowNs - silentNs,
            Compared = compared, ComparedIn = compared is null ? 0 : scene.State.LastEpoch, ComparedAt = Scene.At(10), SavedIn = scene.State.LastEpoch, UnfitStart = unfitStart,
        };
        return ServerPlan.Next(scene.State, scene.State.Find(Scene.S(server))!, notes, scene.Options, scene.NowNs);
    }

    [Fact]
    public void ItIsNotStarted()
    {
        var step = Next(Watching(), null, isRunning: false);
        Assert.Null(step.Action);
        Assert.Contains("only watched: start it yourself", step.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ItIsNotKilledWhenItHangs()
    {
        var step = Next(Watching(), new ServerObservation { IsAnswering = false, Error = "no answer" }, silentNs: 60 * Scene.Second);
        Assert.Null(step.Action);
        Assert.Equal("hangs: no answer; it is only watched: end it yourself", step.Reason);
    }

    [Fact]
    public void ItIsMadeReadOnlyWhereAnotherOneWouldBeKilled()
    {
        var seen = Replica(isReadOnly: false, isSemiSyncPrimary: true);
        Assert.IsType<MakeReadOnly>(Next(Watching(), seen).Action);
        Assert.IsType<MakeReadOnly>(Next(Watching(scene: Scene.FailingOver()), seen).Action);
        Assert.IsType<MakeReadOnly>(Next(Watching(), Replica(isReadOnly: false)).Action);
    }

    [Fact]
    public void WhenItHasToBeFilledAnewNobodyCountsOnItAndAPersonIsWaitedFor()
    {
        var unfit = Replica() with { Replica = null };
        var scene = Watching();
        var tell = Assert.IsType<ProvisionServer>(Next(scene, unfit, compared: Comparison.TooOld).Tell);
        scene.Apply(tell).Apply(scene.Next<LockOutAcker>()).Apply(new TellLockedOut(1, Scene.S(2), scene.State.Epoch!.LockedOut[0].Since, Scene.At(10)));
        scene.Apply(scene.Next<TakeAwayAcker>());
        Assert.IsType<Compare>(Next(scene, unfit).Action);
        var step = Next(scene, unfit, compared: Comparison.TooOld);
        Assert.Equal((null, null), (step.Action, step.Tell));
        Assert.Contains("fill it yourself from a backup", step.Reason, StringComparison.Ordinal);
        // Not before it was stopped, whatever the comparison says.
        Assert.Null(Next(scene, unfit, compared: Comparison.Fits, unfitStart: 1).Tell);
        Assert.Equal(new TellProvisioned(Scene.S(2)), Next(scene, unfit, compared: Comparison.Fits, unfitStart: 7).Tell);
    }

    [Fact]
    public void ItGivesNobodyABackup() => Assert.Equal(Scene.S(1), ServerPlan.Donor(Watching().Report(2, 10).Report(1, 10).State, Scene.S(3)));

    [Fact]
    public void ItFollowsAndSaysWhatItHasAsAnyOther()
    {
        Assert.Equal($"follows {Scene.S(1)}", Next(Watching(), Replica()).Reason);
        Assert.IsType<StopReceiver>(Next(Watching(scene: Scene.FailingOver()), Replica()).Action);
        Assert.Equal([Scene.S(2), Scene.S(3)], Watching().State.Epoch!.Ackers);
    }

    [Fact]
    public void WhatOnlyItHasIsFetchedFromItAndItIsNotChosen()
    {
        var scene = Watching(scene: Scene.FailingOver()).Apply(new TellPosition(2, Scene.S(2), Scene.At(30))).Apply(new TellPosition(2, Scene.S(3), Scene.At(20)));
        var choice = scene.Next<ChooseCandidate>();
        Assert.Equal((Scene.S(3), Scene.S(2), Scene.At(30)), (choice.Candidate, choice.Source, choice.Target));
        Assert.Contains("s2: it is only watched: nothing could fence it", choice.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void WithNobodyElseTheLastPrimaryIsWantedBack()
    {
        var scene = Watching(3, Watching()).Apply(new PrimaryDown(Scene.S(1), 1, "killed")).Down(1);
        Assert.Equal(PlanKind.Start, scene.Next<BeginPlan>().Kind);
        scene.Apply(scene.Next<BeginPlan>()).Apply(new TellPosition(2, Scene.S(2), Scene.At(10))).Apply(new TellPosition(2, Scene.S(3), Scene.At(10))).Later(60 * Scene.Second);
        Assert.Contains("s2: it is only watched", scene.Waits(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OrderKind.Switchover, false)]
    [InlineData(OrderKind.Failover, false)]
    [InlineData(OrderKind.Failover, true)]
    public void AnOrderToMakeItPrimaryIsRefusedAtOnceWithWhatToDo(OrderKind kind, bool isForced)
    {
        var scene = Watching();
        scene.Apply(new GiveOrder(new Order { Kind = kind, To = Scene.S(2), IsForced = isForced }));
        var refusal = scene.Next<EndOrder>().Why;
        Assert.Contains("it is only watched: nothing could fence it", refusal, StringComparison.Ordinal);
        Assert.Contains("supervise: start or attach", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void ASwitchoverToWhoeverIsBestGoesToAnother()
    {
        var scene = Watching().Apply(new GiveOrder(new Order { Kind = OrderKind.Switchover }));
        Assert.Equal(Scene.S(3), scene.Next<BeginPlan>().Candidate);
    }

    [Fact]
    public void ItIsExplainedWhyItIsPassedOver()
    {
        var scene = Watching();
        Assert.Contains(
            Explanation.IfLost(scene.State, scene.View, scene.Notes, scene.Options, Scene.S(1), scene.NowNs),
            line => line.Contains("s2: it is only watched: nothing could fence it", StringComparison.Ordinal));
    }

    [Fact]
    public void APrimaryThatIsOnlyWatchedFromNowOnGetsNoLeaseAndDoesNotBecomeWritable()
    {
        var effects = new Recorder();
        var scene = Scene.Running();
        var machine = new AgentMachine(scene.Options, [Spec(1)]);
        machine.Step(new GuardTold(scene.NowNs, Scene.S(1), new GuardStatus { Start = 1, IsRunning = true }), effects);
        machine.Step(new StateLoaded(scene.NowNs, scene.State), effects);
        machine.Step(new NodesChanged(scene.NowNs, scene.View), effects);
        var declared = Assert.Single(effects.Sent.OfType<DeclareServers>());
        machine.Step(new ServerSeen(scene.NowNs, Scene.S(1), Replica() with { Replica = null }), effects);
        machine.Step(new CommandDelivered(scene.NowNs, declared), effects);
        machine.Step(new ServerSeen(scene.NowNs, Scene.S(1), Replica() with { Replica = null }), effects);
        Assert.Empty(effects.Sent.OfType<KeepAlive>());
        Assert.Empty(effects.Deadlines);
        Assert.Empty(effects.Done);
        Assert.Null(Next(Watching(1), Replica() with { Replica = null }, server: 1).Action);
    }

    [Fact]
    public void ItIsNotDeclaredWhileANodesProgramCouldNotReadIt()
    {
        var effects = new Recorder();
        var scene = Scene.Running();
        var machine = new AgentMachine(scene.Options with { Node = Scene.N(2) }, [Spec(2), Spec(4) with { IsWatched = false }]);
        machine.Step(new StateLoaded(scene.NowNs, scene.State with { Level = 1 }), effects);
        machine.Step(new NodesChanged(scene.NowNs, scene.View), effects);
        Assert.Equal([Scene.S(4)], Assert.Single(effects.Sent.OfType<DeclareServers>()).Servers.Select(spec => spec.Name));

        effects.Sent.Clear();
        machine.Step(new StateLoaded(scene.NowNs, scene.State), effects);
        machine.Step(new NodesChanged(scene.NowNs, scene.View), effects);
        Assert.Equal([Scene.S(2), Scene.S(4)], Assert.Single(effects.Sent.OfType<DeclareServers>()).Servers.Select(spec => spec.Name));
    }
}
