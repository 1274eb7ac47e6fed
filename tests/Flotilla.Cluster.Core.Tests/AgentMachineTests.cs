using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Core.Inputs;

namespace Flotilla.Cluster.Core.Tests;

public sealed class AgentMachineTests
{
    private readonly Recorder _effects = new();
    private readonly Scene _scene = Scene.Running();
    private readonly AgentMachine _machine;
    private long _nowNs = 100 * Scene.Second;

    public AgentMachineTests()
        => _machine = new AgentMachine(_scene.Options, [new ServerSpec { Name = Scene.S(1), Host = "h1", Port = 3306, ServerId = 1 }]);

    private void Step(Func<long, AgentInput> input) => _machine.Step(input(_nowNs), _effects);

    private void Begin()
    {
        Step(now => new GuardTold(now, Scene.S(1), new GuardStatus { Start = 1, IsRunning = true, Epoch = 1, DeadlineNs = now + Scene.Second }));
        Step(now => new StateLoaded(now, _scene.State));
        Step(now => new NodesChanged(now, _scene.View));
    }

    [Fact]
    public void WithoutAViewNothingIsSaidAndNothingDone()
    {
        Step(now => new GuardTold(now, Scene.S(1), new GuardStatus { Start = 1, IsRunning = false }));
        Step(now => new StateLoaded(now, _scene.State));
        Assert.Empty(_effects.Sent);
        Assert.Empty(_effects.Done);
    }

    [Fact]
    public void ALeaseCountsFromWhenItsKeepAliveWasSent()
    {
        Begin();
        var keepAlive = Assert.Single(_effects.Sent.OfType<KeepAlive>());
        var sentNs = _nowNs;
        _nowNs += Scene.Second;
        Step(now => new CommandDelivered(now, keepAlive));
        Assert.Equal((Scene.S(1), 1ul, (long?)(sentNs + (2 * Scene.Second))), Assert.Single(_effects.Deadlines));
    }

    [Fact]
    public void AKeepAliveThatComesBackAfterTheNextEpochBeganDoesNotCount()
    {
        Begin();
        var keepAlive = Assert.Single(_effects.Sent.OfType<KeepAlive>());
        Step(now => new CommandDelivered(now, new BeginPlan(2, PlanKind.Failover, 2, "its node was thought gone")));
        Step(now => new CommandDelivered(now, keepAlive));
        Assert.Empty(_effects.Deadlines);
    }

    [Fact]
    public void AKeepAliveOfAnEarlierLifeProlongsNothing()
    {
        Begin();
        Step(now => new CommandDelivered(now, new KeepAlive(Scene.S(1), 1, 99, 1)));
        Assert.Empty(_effects.Deadlines);
    }

    [Fact]
    public void KeepAlivesGoOnWhileTheProcessRuns()
    {
        Begin();
        _nowNs += _scene.Options.KeepAliveNs;
        Step(now => new Ticked(now));
        Assert.Equal(2, _effects.Sent.OfType<KeepAlive>().Count());
        Step(now => new GuardTold(now, Scene.S(1), new GuardStatus { Start = 1, IsRunning = false, Epoch = 1, Ended = "signal 9" }));
        _nowNs += _scene.Options.KeepAliveNs;
        Step(now => new Ticked(now));
        Assert.Equal(2, _effects.Sent.OfType<KeepAlive>().Count());
        Assert.Single(_effects.Sent.OfType<PrimaryDown>());
    }

    [Fact]
    public void WhatWasSaidWithoutEffectIsSaidAgain()
    {
        Begin();
        Step(now => new GuardTold(now, Scene.S(1), new GuardStatus { Start = 1, IsRunning = false, Epoch = 1, Ended = "signal 9" }));
        Step(now => new Ticked(now));
        Assert.Single(_effects.Sent.OfType<PrimaryDown>());
        _nowNs += _scene.Options.RepeatNs;
        Step(now => new Ticked(now));
        Assert.Equal(2, _effects.Sent.OfType<PrimaryDown>().Count());
    }

    [Fact]
    public void WhatWasSeenBeforeADecisionIsNotActedOn()
    {
        Begin();
        Assert.Single(_effects.Looks);
        Step(now => new CommandDelivered(now, new LockOutAcker(1, Scene.S(3), "gone")));
        Step(now => new ServerSeen(now, Scene.S(1), new ServerObservation { IsAnswering = true, IsSemiSyncPrimary = true, AllowedReplicas = [Scene.S(2), Scene.S(3)] }));
        Assert.Empty(_effects.Done);
        Assert.Equal(2, _effects.Looks.Count);
        Step(now => new ServerSeen(now, Scene.S(1), new ServerObservation { IsAnswering = true, IsSemiSyncPrimary = true, AllowedReplicas = [Scene.S(2), Scene.S(3)] }));
        Assert.IsType<AllowReplicas>(Assert.Single(_effects.Done));
    }

    [Fact]
    public void AKillDoesNotWaitForWhatIsAtWork()
    {
        Begin();
        Step(now => new CommandDelivered(now, new LockOutAcker(1, Scene.S(3), "gone")));
        Step(now => new ServerSeen(now, Scene.S(1), new ServerObservation { IsAnswering = true, IsSemiSyncPrimary = true }));
        Step(now => new ServerSeen(now, Scene.S(1), new ServerObservation { IsAnswering = true, IsSemiSyncPrimary = true }));
        Step(now => new CommandDelivered(now, new BeginPlan(2, PlanKind.Failover, 2, "its node was thought gone")));
        Assert.Equal([typeof(AllowReplicas), typeof(KillServer)], _effects.Done.Select(action => action.GetType()));
    }

    [Fact]
    public void ADryRunOrdersNothing()
    {
        Begin();
        _effects.Sent.Clear();
        Assert.IsType<BeginPlan>(_machine.Plan(new Order { Kind = OrderKind.Switchover, To = Scene.S(2) }).Command);
        Assert.Empty(_effects.Sent);
        Assert.Null(_machine.State!.Order);
    }

    /// <summary>s3 is without its node, and is looked at.</summary>
    private void BeginWithoutTheThirdNode()
    {
        Step(now => new StateLoaded(now, _scene.State));
        Step(now => new NodesChanged(now, new NodeView([Scene.N(1), Scene.N(2)])));
        Assert.Equal(Scene.S(3), Assert.Single(_effects.Looks));
    }

    /// <summary>The look began when the receiver was stopped, for a moment; its node came back meanwhile and may have started it.</summary>
    [Fact]
    public void ALookThatBeganInAnEarlierAbsenceOfANodeTellsNothing()
    {
        BeginWithoutTheThirdNode();
        Step(now => new NodesChanged(now, _scene.View));
        Step(now => new NodesChanged(now, new NodeView([Scene.N(1), Scene.N(2)])));
        Step(now => new CommandDelivered(now, new PrimaryDown(Scene.S(1), 1, "killed")));
        Step(now => new CommandDelivered(now, new BeginPlan(2, PlanKind.Failover, 2, "killed")));
        Assert.Single(_effects.Looks);

        var stopped = new ServerObservation { IsAnswering = true, IsReadOnly = true, Logged = Scene.At(10), Applied = Scene.At(10) };
        Step(now => new ServerSeen(now, Scene.S(3), stopped));
        Assert.Empty(_machine.Notes.Remote);
        Assert.Equal(2, _effects.Looks.Count);
        Step(now => new ServerSeen(now, Scene.S(3), stopped));
        Assert.Equal(2ul, _machine.Notes.Remote[Scene.S(3)].Plan);
    }

    [Fact]
    public void WhatWasSeenOfAServerIsForgottenWhenItsNodeIsBack()
    {
        BeginWithoutTheThirdNode();
        Step(now => new ServerSeen(now, Scene.S(3), new ServerObservation { IsAnswering = true, IsReadOnly = true }));
        Assert.Single(_machine.Notes.Remote);
        Step(now => new NodesChanged(now, _scene.View));
        Assert.Empty(_machine.Notes.Remote);
    }

    /// <summary>Commands that differ in a list only: the later one does not wait for the earlier to be repeated.</summary>
    [Fact]
    public void AnotherDecisionIsToldAtOnce()
    {
        Step(now => new StateLoaded(now, Scene.FailingOver().Apply(new TellPosition(2, Scene.S(2), Scene.At(10))).Apply(new TellPosition(2, Scene.S(3), Scene.At(10)))
            .Apply(new ChooseCandidate(2, Scene.S(2), null, Scene.At(10), [], "most")).Apply(new TellDrained(2, Scene.S(2))).State));
        Step(now => new NodesChanged(now, _scene.View));
        Assert.Equal([Scene.S(3)], Assert.Single(_effects.Sent.OfType<Promote>()).Ackers);
        Step(now => new CommandDelivered(now, new ReportServer(Scene.N(3), Scene.S(3), new ServerReport { Status = ServerStatus.Hung })));
        Assert.Empty(_effects.Sent.OfType<Promote>().Last().Ackers);
        Step(now => new Ticked(now));
        Assert.Equal(2, _effects.Sent.OfType<Promote>().Count());
    }

    /// <summary>The guard has to kill when the others believe that it did, whatever a node is configured with since.</summary>
    [Fact]
    public void AnEpochKeepsTheLeaseThatItBeganWith()
    {
        Step(now => new GuardTold(now, Scene.S(1), new GuardStatus { Start = 1, IsRunning = true, Epoch = 1, DeadlineNs = now + Scene.Second }));
        var longer = new ServerSpec { Name = Scene.S(1), Host = "h1", Port = 3306, ServerId = 1, LeaseMs = 60_000 };
        Step(now => new StateLoaded(now, _scene.State.Apply(new DeclareServers(Scene.N(1), [longer]))));
        Step(now => new NodesChanged(now, _scene.View));
        var sentNs = _nowNs;
        Step(now => new CommandDelivered(now, Assert.Single(_effects.Sent.OfType<KeepAlive>())));
        Assert.Equal((long?)(sentNs + (2 * Scene.Second)), Assert.Single(_effects.Deadlines).DeadlineNs);
        Assert.Equal(60_000, _machine.State!.Find(Scene.S(1))!.Spec.LeaseMs);
    }

    /// <summary>It was compared with, and saved from, the primary of then.</summary>
    [Fact]
    public void WhatWasFoundForAnEarlierPrimaryDoesNotCountForTheNext()
    {
        var machine = new AgentMachine(_scene.Options with { Node = Scene.N(3) }, [new ServerSpec { Name = Scene.S(3), Host = "h3", Port = 3306, ServerId = 3 }]);
        var seen = new ServerObservation { IsAnswering = true, IsReadOnly = true, Logged = Scene.At(10), Applied = Scene.At(10) };
        var state = _scene.State.Apply(new TakeAwayAcker(1, Scene.S(3)));
        machine.Step(new GuardTold(_nowNs, Scene.S(3), new GuardStatus { Start = 1, IsRunning = true }), _effects);
        machine.Step(new StateLoaded(_nowNs, state), _effects);
        machine.Step(new NodesChanged(_nowNs, _scene.View), _effects);
        machine.Step(new ServerSeen(_nowNs, Scene.S(3), seen), _effects);
        var compare = Assert.IsType<Compare>(Assert.Single(_effects.Done));

        ClusterCommand[] failover =
        [
            new PrimaryDown(Scene.S(1), 1, "killed"), new BeginPlan(2, PlanKind.Failover, 2, "killed"), new TellPosition(2, Scene.S(2), Scene.At(10)), new ChooseCandidate(2, Scene.S(2), null, Scene.At(10), [], ""),
            new TellDrained(2, Scene.S(2)), new Promote(2, []), new TellPromoted(2, Scene.S(2)),
        ];
        foreach (var command in failover)
            machine.Step(new CommandDelivered(_nowNs, command), _effects);
        machine.Step(new ActionEnded(_nowNs, Scene.S(3), compare, null) { Compared = Comparison.Fits }, _effects);
        machine.Step(new ServerSeen(_nowNs, Scene.S(3), seen), _effects);
        machine.Step(new ServerSeen(_nowNs, Scene.S(3), seen), _effects);
        Assert.Equal([new Compare(Scene.S(1)), new Compare(Scene.S(2))], _effects.Done);
    }

    /// <summary>It was written by hand since the first comparison, and the second one failed: the first must not count for what it has now.</summary>
    [Fact]
    public void AComparisonThatFailedLeavesNothingOfTheOneBefore()
    {
        var machine = new AgentMachine(_scene.Options with { Node = Scene.N(3) }, [new ServerSpec { Name = Scene.S(3), Host = "h3", Port = 3306, ServerId = 3 }]);
        var state = _scene.State.Apply(new TakeAwayAcker(1, Scene.S(3)));
        machine.Step(new GuardTold(_nowNs, Scene.S(3), new GuardStatus { Start = 1, IsRunning = true }), _effects);
        machine.Step(new StateLoaded(_nowNs, state), _effects);
        machine.Step(new NodesChanged(_nowNs, _scene.View), _effects);
        See(10);
        End(null, Comparison.Fits);
        See(10);
        End("no connection", null);
        See(11);
        End("the primary does not answer", null);
        See(11);
        Assert.Equal([new Compare(Scene.S(1)), new Follow(Scene.S(1)), new Compare(Scene.S(1)), new Compare(Scene.S(1))], _effects.Done);

        void See(ulong at)
        {
            // The look that was under way when something ended does not count.
            for (var look = 0; look < 2; look++)
            {
                _nowNs += Scene.Second;
                machine.Step(new Ticked(_nowNs), _effects);
                machine.Step(new ServerSeen(_nowNs, Scene.S(3), new ServerObservation { IsAnswering = true, IsReadOnly = true, Logged = Scene.At(at), Applied = Scene.At(at) }), _effects);
            }
        }

        void End(string? failure, Comparison? compared) => machine.Step(new ActionEnded(_nowNs, Scene.S(3), _effects.Done[^1], failure) { Compared = compared }, _effects);
    }

    [Theory]
    [InlineData(new uint[] { 2, 3 }, 2, "")]
    [InlineData(new uint[] { 2, 3, 77 }, 2, "")]
    [InlineData(new uint[] { 2, 3, 77 }, 3, "77")]
    public void AStrangerThatAcknowledgesIsNamed(uint[] connected, int acknowledging, string named)
    {
        Begin();
        Step(now => new ServerSeen(now, Scene.S(1), new ServerObservation { IsAnswering = true, IsSemiSyncPrimary = true, ConnectedReplicas = connected, AcknowledgingReplicas = acknowledging, AllowedReplicas = [Scene.S(2), Scene.S(3)] }));
        _nowNs += Scene.Second;
        Step(now => new Ticked(now));
        var error = _effects.Sent.OfType<ReportServer>().Last().Report.Error;
        Assert.True(named.Length == 0 ? error.Length == 0 : error.Contains(named, StringComparison.Ordinal), error);
    }

    [Fact]
    public void AProgramThatDoesNotKnowTheRulesTakesNoPart()
        => Assert.Throws<NotSupportedException>(() => Step(now => new StateLoaded(now, _scene.State with { Level = ClusterState.LevelKnown + 1 })));

    [Fact]
    public void AServerThatCannotBeOfTheClusterIsSaidToBeSo()
    {
        var machine = new AgentMachine(_scene.Options, [new ServerSpec { Name = new ServerName("s9"), Host = "h9", Port = 3306, ServerId = 2 }]);
        machine.Step(new StateLoaded(_nowNs, _scene.State.Apply(new DeclareServers(Scene.N(1), []))), _effects);
        machine.Step(new NodesChanged(_nowNs, _scene.View), _effects);
        Assert.DoesNotContain(_effects.Sent, command => command is DeclareServers);
        Assert.Contains("s2 has the server id 2 too", Assert.Single(machine.Reasons).Value, StringComparison.Ordinal);
    }

    private sealed class Recorder : IAgentEffects
    {
        public List<ClusterCommand> Sent { get; } = [];

        public List<ServerAction> Done { get; } = [];

        public List<ServerName> Looks { get; } = [];

        public List<(ServerName Server, ulong Epoch, long? DeadlineNs)> Deadlines { get; } = [];

        public void Send(ClusterCommand command) => Sent.Add(command);

        public void Look(ServerName server) => Looks.Add(server);

        public void Do(ServerName server, ServerAction action) => Done.Add(action);

        public void SetDeadline(ServerName server, ulong epoch, long? deadlineNs) => Deadlines.Add((server, epoch, deadlineNs));

        public void Publish(ClusterState state, NodeView view)
        {
        }

        public void Decided(Decision decision)
        {
        }
    }
}
