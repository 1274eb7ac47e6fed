namespace Flotilla.Cluster.Core.Tests;

public sealed class ExplanationTests
{
    private static IReadOnlyList<string> IfLost(Scene scene, int server) => Explanation.IfLost(scene.State, scene.View, scene.Notes, scene.Options, Scene.S(server), scene.NowNs);

    [Fact]
    public void ThePrimarysSuccessorIsNamed() => Assert.Contains("s2 would be primary of epoch 2", IfLost(Scene.Running().Report(3, 9), 1)[0], StringComparison.Ordinal);

    [Fact]
    public void WhoStandsInTheWayIsNamed()
    {
        var scene = Scene.Running().Gone(3, 1);
        scene.View = new([Scene.N(1), Scene.N(2)]);
        Assert.Contains("no majority", IfLost(scene, 1)[0], StringComparison.Ordinal);
        Assert.Contains("s3 can't be asked", IfLost(Scene.Running().Down(3), 1)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void TheLossOfAReplicaStopsNothingWhileAnotherAcknowledges()
    {
        Assert.Contains("writes go on", IfLost(Scene.Running(), 2)[0], StringComparison.Ordinal);
        Assert.Contains("writes wait until", IfLost(Scene.Running().Report(3, 10, isReceiving: false), 2)[0], StringComparison.Ordinal);
        Assert.Contains("then go on", IfLost(Scene.Running(LossPolicy.Available).Report(3, 10, isReceiving: false), 2)[0], StringComparison.Ordinal);
    }
}
