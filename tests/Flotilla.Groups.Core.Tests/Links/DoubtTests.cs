namespace Flotilla.Groups.Core.Tests.Links;

/// <summary>Pauses, loss, slow and flapping links: nothing to evict anybody for.</summary>
public sealed class DoubtTests
{
    [Theory]
    [InlineData(20, 0)]
    [InlineData(30, 40)]
    public void LossAndDelayAccuseNobody(int lossPercent, int delayMs)
    {
        var world = new LinkWorld(5) { LossPercent = lossPercent, DelayMs = delayMs };
        world.NobodyIsAccused(20_000);
    }

    [Fact]
    public void ALinkAsSlowAsHalfASecondIsStillALink()
    {
        var world = new LinkWorld(3) { DelayMs = 300 };
        world.NobodyIsAccused(5_000);
        Assert.True(world.Arrives(0, 1));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(300)]
    [InlineData(900)]
    public void AFlappingLinkAccusesNobodyAndIsUsedLessAndLess(int halfPeriodMs)
    {
        var world = new LinkWorld(3);
        world.EachMs = w => w.Cut(0, 1, w.NowMs / halfPeriodMs % 2 == 0);
        world.NobodyIsAccused(30_000);
        var node = world.Nodes[0];
        node.Events.Clear();
        world.Run(10_000);
        Assert.True(node.Events.Count(happened => happened.Kind == NodeEventKind.PathChanged) <= 10);
    }

    [Fact]
    public void AShortPauseIsForgivenByAll()
    {
        var world = new LinkWorld(3);
        world.Nodes[1].IsPaused = true;
        world.Run(450);
        world.Nodes[1].IsPaused = false;
        world.NobodyIsAccused(3_000);
    }

    [Fact]
    public void APausedNodeIsAccusedAndOnItsReturnAccusesNobody()
    {
        var world = new LinkWorld(3);
        world.Nodes[1].IsPaused = true;
        world.AllSay([0, 2], [1], 2_000);
        world.Run(5_000);
        world.Nodes[1].IsPaused = false;
        world.Run(11);
        Assert.True(world.Nodes[1].Events.Any(happened => happened.Kind == NodeEventKind.SelfDoubt), "it must know that it was paused");
        world.NobodyAccusesAtNode(1, 3_000);
        Assert.False(world.Nodes[1].Links.IsInDoubtOfItself);
    }

    [Fact]
    public void AllPausedAtOnceAccuseNobody()
    {
        // The host of all virtual machines stood still.
        var world = new LinkWorld(4);
        foreach (var node in world.Nodes)
            node.IsPaused = true;
        world.Run(10_000);
        foreach (var node in world.Nodes)
            node.IsPaused = false;
        world.NobodyIsAccused(5_000);
    }

    [Fact]
    public void AfterPausesSuspicionTakesLongerAndThenRecovers()
    {
        var world = new LinkWorld(3);
        for (var i = 0; i < 3; i++)
        {
            world.Nodes[0].IsPaused = true;
            world.Run(300);
            world.Nodes[0].IsPaused = false;
            world.Run(300);
        }

        world.Kill(2);
        var startMs = world.NowMs;
        world.Run(5_000, () => world.Nodes[1].Links.Verdict is not null);
        Assert.Null(world.Nodes[0].Links.Verdict);
        world.AllSay([0, 1], [2], 5_000);
        Assert.True(world.NowMs - startMs > 1_000);
        var calm = new LinkWorld(3);
        calm.Nodes[0].IsPaused = true;
        calm.Run(300);
        calm.Nodes[0].IsPaused = false;
        calm.Run(10_000);
        calm.Kill(2);
        calm.AllSay([0, 1], [2], 1_000);
    }
}
