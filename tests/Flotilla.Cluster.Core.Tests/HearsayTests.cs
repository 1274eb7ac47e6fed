using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Core.Inputs;

namespace Flotilla.Cluster.Core.Tests;

/// <summary>What a node knows of servers, and what it only has in its state.</summary>
public sealed class HearsayTests
{
    private static readonly ServerObservation Fine = new() { IsAnswering = true, IsReadOnly = true, Logged = Scene.At(10), Applied = Scene.At(10) };

    private readonly Recorder _effects = new();
    private readonly Scene _scene = Scene.Running();
    private readonly AgentMachine _machine;
    private long _nowNs = 100 * Scene.Second;

    public HearsayTests()
    {
        _machine = new AgentMachine(_scene.Options with { Node = Scene.N(2) }, [new ServerSpec { Name = Scene.S(2), Host = "h2", Port = 3306, ServerId = 2 }]);
        Step(now => new StateLoaded(now, _scene.State));
        Step(now => new NodesChanged(now, _scene.View));
    }

    private void Step(Func<long, AgentInput> input) => _machine.Step(input(_nowNs), _effects);

    private void Hear(int server)
        => Step(now => new CommandDelivered(now, new ReportServer(Scene.N(server), Scene.S(server), _machine.State!.Find(Scene.S(server))!.Report)));

    private int Reports() => _effects.Sent.OfType<ReportServer>().Count();

    // What comes back to a node is what it sent.
    private void Look()
    {
        Step(now => new GuardTold(now, Scene.S(2), new GuardStatus { Start = 1, IsRunning = true }));
        Step(now => new ServerSeen(now, Scene.S(2), Fine));
        Step(now => new CommandDelivered(now, _effects.Sent.OfType<ReportServer>().Last()));
    }

    [Fact]
    public void AServerIsHeardOfWhenItIsReported()
    {
        Assert.Empty(_machine.Heard);
        Hear(1);
        Hear(3);
        Assert.Equal([Scene.S(1), Scene.S(3)], _machine.Heard.Order());
        Step(now => new StateLoaded(now, _scene.State));
        Assert.Empty(_machine.Heard);
    }

    [Fact]
    public void WhatWasHeardBeforeItsNodeWentDoesNotCountWhenItIsBack()
    {
        Hear(1);
        Hear(3);
        Step(now => new NodesChanged(now, new NodeView([Scene.N(1), Scene.N(2)])));
        Assert.Contains(Scene.S(3), _machine.Heard);
        Step(now => new NodesChanged(now, _scene.View));
        Assert.Equal([Scene.S(1)], _machine.Heard);
    }

    [Fact]
    public void ANodeThatWasPausedHeardAll()
    {
        Hear(1);
        Step(now => new NodesChanged(now, NodeView.None));
        Step(now => new NodesChanged(now, _scene.View));
        Assert.Equal([Scene.S(1)], _machine.Heard);
    }

    /// <summary>The log of before an outage is delivered once more.</summary>
    [Fact]
    public void WhatComesBeforeThereIsAViewDoesNotCount()
    {
        Step(now => new NodesChanged(now, NodeView.None));
        Hear(1);
        Assert.Empty(_machine.Heard);
    }

    [Fact]
    public void NothingIsReportedBeforeThereIsSomethingToSay()
    {
        Assert.Equal(0, Reports());
        Look();
        Assert.Equal(ServerStatus.Up, _effects.Sent.OfType<ReportServer>().Last().Report.Status);
    }

    [Fact]
    public void WhoComesIsToldWhatIsNoNewsToTheOthersAtOnceAndForAWhile()
    {
        Look();
        _nowNs += Scene.Second;
        Step(now => new NodesChanged(now, new NodeView([Scene.N(1), Scene.N(2)])));
        Step(now => new ServerSeen(now, Scene.S(2), Fine));
        var before = Reports();
        Step(now => new NodesChanged(now, _scene.View));
        Assert.Equal(before + 1, Reports());
        _nowNs += _scene.Options.ReportNs;
        Step(now => new Ticked(now));
        Assert.Equal(before + 2, Reports());
    }

    [Fact]
    public void AServerThatDoesNotChangeIsReportedNowAndThen()
    {
        Look();
        _nowNs += _scene.Options.ReportAgainNs;
        Step(now => new Ticked(now));
        var before = Reports();
        _nowNs += _scene.Options.ReportAgainNs - 1;
        Step(now => new Ticked(now));
        Assert.Equal(before, Reports());
        _nowNs++;
        Step(now => new Ticked(now));
        Assert.Equal(before + 1, Reports());
    }
}
