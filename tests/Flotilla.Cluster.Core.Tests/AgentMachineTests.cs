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
        Assert.Equal((Scene.S(1), 1ul, (long?)(sentNs + _scene.Options.LeaseNs)), Assert.Single(_effects.Deadlines));
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
}
