using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Core.Inputs;

namespace Flotilla.Cluster.Core.Tests;

/// <summary>Servers that people take out, take back and have filled anew.</summary>
public sealed class MembershipTests
{
    private static Scene WithoutThird()
    {
        var scene = Scene.Running().Apply(new RemoveServer(Scene.S(3)));
        scene.Apply(scene.Next<LockOutAcker>()).Apply(new TellLockedOut(1, Scene.S(3), scene.State.Epoch!.LockedOut[0].Since, Scene.At(10)));
        return scene.Apply(scene.Next<TakeAwayAcker>()).Apply(scene.Next<ForgetServer>());
    }

    private static DeclareServers Declaration(int number) => new(Scene.N(number), [new ServerSpec { Name = Scene.S(number), Host = $"h{number}", Port = 3306, ServerId = (uint)number }]);

    [Fact]
    public void AServerIsForgottenWhenNobodyCountsOnIt()
    {
        var scene = Scene.Running().Apply(new RemoveServer(Scene.S(3)));
        Assert.Same(scene.State, scene.State.Apply(new ForgetServer(Scene.S(3))));
        Assert.Null(WithoutThird().State.Find(Scene.S(3)));
    }

    [Fact]
    public void ThePrimaryIsNotRemoved() => Assert.False(Scene.Running().Apply(new RemoveServer(Scene.S(1))).State.Find(Scene.S(1))!.IsLeaving);

    [Fact]
    public void WhatItsNodeSaysDoesNotBringARemovedServerBack()
    {
        var scene = WithoutThird();
        Assert.Equal(new RemovedServer(Scene.S(3), Scene.N(3)), Assert.Single(scene.State.Removed));
        Assert.Same(scene.State, scene.State.Apply(Declaration(3)));
    }

    [Fact]
    public void TheNodeOfARemovedServerLeavesItAloneUntilItIsAdmitted()
    {
        var effects = new Recorder();
        var machine = new AgentMachine(new AgentOptions { Node = Scene.N(3), Life = 1 }, Declaration(3).Servers);
        machine.Step(new NodesChanged(1, new NodeView([Scene.N(1), Scene.N(3)])), effects);
        machine.Step(new StateLoaded(2, WithoutThird().State), effects);
        Assert.Empty(effects.Sent);
        Assert.Equal("was removed from the cluster", Assert.Single(machine.Reasons).Value);
        machine.Step(new CommandDelivered(3, new AdmitServer(Scene.S(3))), effects);
        Assert.Equal(Scene.S(3), Assert.Single(Assert.IsType<DeclareServers>(Assert.Single(effects.Sent)).Servers).Name);
    }

    [Fact]
    public void AnAdmittedServerComesBackAndAcknowledges()
    {
        var scene = WithoutThird().Apply(new AdmitServer(Scene.S(3)));
        Assert.Empty(scene.State.Removed);
        scene.Apply(Declaration(3)).Report(3, 5, isReceiving: false);
        Assert.Equal(Scene.S(3), scene.Next<AddAcker>().Server);
    }

    [Fact]
    public void AServerThatIsAboutToBeRemovedIsTakenBack()
    {
        var scene = Scene.Running().Apply(new RemoveServer(Scene.S(3))).Apply(new AdmitServer(Scene.S(3)));
        Assert.False(scene.State.Find(Scene.S(3))!.IsLeaving);
        scene.Waits();
        Assert.Same(scene.State, scene.State.Apply(new AdmitServer(Scene.S(3))));
        Assert.Same(scene.State, scene.State.Apply(new AdmitServer(new ServerName("unheard-of"))));
    }

    [Fact]
    public void TheLastThatAcknowledgesIsRemovedByForceOnlyAndStaysUntilAnotherOneDoes()
    {
        var scene = WithoutThird();
        Assert.Contains("nobody else acknowledges what s1 commits", Remove(scene, 2), StringComparison.Ordinal);
        Assert.Null(Remove(scene, 2, isForced: true));
        scene.Apply(new RemoveServer(Scene.S(2))).Waits();
        Assert.Contains(Scene.S(2), scene.State.Epoch!.Witnesses);
        scene.Apply(new AdmitServer(Scene.S(3))).Apply(Declaration(3)).Report(3, 10);
        scene.Apply(scene.Next<AddAcker>());
        Assert.Equal(Scene.S(2), scene.Next<LockOutAcker>().Server);
    }

    [Fact]
    public void ARemovalIsRefusedForThePrimaryDuringAPlanAndForStrangers()
    {
        Assert.Contains("s1 is primary", Remove(Scene.Running(), 1, isForced: true), StringComparison.Ordinal);
        Assert.Contains("a failover is on its way", Remove(Scene.FailingOver(), 3), StringComparison.Ordinal);
        Assert.Contains("there is no server s4; there are s1, s2, s3", Remove(Scene.Running(), 4), StringComparison.Ordinal);
        Assert.Contains("it can be added again", Remove(WithoutThird(), 3), StringComparison.Ordinal);
        var follows = Outlooks.Remove(Scene.Running().State, Scene.Running().View, Scene.S(3), isForced: false).Follows;
        Assert.Equal(["s3 is locked out; s2 acknowledges", "when s2 fails too, commits wait", "its process goes on, read-only, and node n3 leaves it alone until it is added again"], follows);
    }

    [Fact]
    public void OneThatIsInMaintenanceDoesNotCountAsAnother()
        => Assert.NotNull(Remove(Scene.Running().Apply(new SetMaintenance(Scene.S(2), IsOn: true)), 3));

    [Fact]
    public void OnlyARemovedServerIsAdded()
    {
        Assert.Contains("in the cluster already", Add(Scene.Running(), 3), StringComparison.Ordinal);
        Assert.Null(Add(Scene.Running().Apply(new RemoveServer(Scene.S(3))), 3));
        Assert.Null(Add(WithoutThird(), 3));
        Assert.Contains("now it is not", Outlooks.Add(WithoutThird().State, new NodeView([Scene.N(1)]), Scene.S(3)).Follows[0], StringComparison.Ordinal);
        Assert.Contains("there is no server", Add(Scene.Running(), 4), StringComparison.Ordinal);
    }

    [Fact]
    public void AServerIsFilledAnewWhenAnotherOneAcknowledgesAndOneCanGive()
    {
        Assert.Contains("it is filled anew from s2, and follows s1 then", Outlooks.Reprovision(Scene.Running().State, Scene.Running().View, Scene.S(3)).Follows);
        Assert.Contains("s1 is primary", Reprovision(Scene.Running(), 1), StringComparison.Ordinal);
        Assert.Contains("may have to be asked", Reprovision(Scene.Running().Report(2, 10, isReceiving: false), 3), StringComparison.Ordinal);
        Assert.Contains("is on its way", Reprovision(Scene.FailingOver(), 3), StringComparison.Ordinal);
        Assert.Contains("s3 is down", Reprovision(Scene.Running().Down(3), 3), StringComparison.Ordinal);
        Assert.Contains("its node n3 is gone", Reprovision(Scene.Running().Gone(3, Scene.Second), 3), StringComparison.Ordinal);
        Assert.Contains("in maintenance", Reprovision(Scene.Running().Apply(new SetMaintenance(Scene.S(3), IsOn: true)), 3), StringComparison.Ordinal);
        Assert.Contains("being removed", Reprovision(Scene.Running().Apply(new RemoveServer(Scene.S(3))), 3), StringComparison.Ordinal);
        Assert.Contains("being filled anew already", Outlooks.Reprovision(Scene.Running().Apply(new ProvisionServer(Scene.S(3), "once")).State, Scene.Running().View, Scene.S(3)).Follows[0], StringComparison.Ordinal);
    }

    [Fact]
    public void WhatAPolicyMaintenanceOrAPauseMeansIsTold()
    {
        var (state, view) = (Scene.Running().State, Scene.Running().View);
        Assert.Equal(["nothing changes"], Outlooks.SetPolicy(state, state.Policy).Follows);
        Assert.Equal(3, Outlooks.SetPolicy(state, new ClusterPolicy { Loss = LossPolicy.Available, Divergence = DivergencePolicy.Wait, FlapWindowSeconds = 0 }).Follows.Length);
        Assert.Equal("nobody is made primary instead when it fails", Outlooks.SetMaintenance(state, view, Scene.S(1), isOn: true).Follows[0]);
        Assert.Contains("commits need not wait for it; s3 acknowledges", Outlooks.SetMaintenance(state, view, Scene.S(2), isOn: true).Follows);
        Assert.Contains("nobody else acknowledges: when it is stopped, commits wait", Outlooks.SetMaintenance(WithoutThird().State, view, Scene.S(2), isOn: true).Follows);
        Assert.Equal(["nothing changes"], Outlooks.SetPause(state, isOn: false).Follows);
    }

    private static string? Remove(Scene scene, int server, bool isForced = false) => Outlooks.Remove(scene.State, scene.View, Scene.S(server), isForced).Refusal;

    private static string? Add(Scene scene, int server) => Outlooks.Add(scene.State, scene.View, Scene.S(server)).Refusal;

    private static string? Reprovision(Scene scene, int server) => Outlooks.Reprovision(scene.State, scene.View, Scene.S(server)).Refusal;
}
