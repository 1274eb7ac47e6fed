namespace Flotilla.Groups.Core.Tests.Links;

/// <summary>Processes that are gone: one witness is enough, and it takes no time.</summary>
public sealed class CrashTests
{
    [Fact]
    public void AConfirmedCrashIsAVerdictInTheSameStepAndReachesTheOthersAtOnce()
    {
        var world = new LinkWorld(3);
        world.Kill(2, isSeen: 0);
        Assert.Equal([world.Nodes[2].Id], world.Nodes[0].Links.Verdict!.Go);
        Assert.True(world.Nodes[0].Links.IsConfirmedGone(world.Nodes[2].Id));
        world.AllSay([0, 1], [2], 10);
        Assert.True(world.Nodes[1].Links.IsConfirmedGone(world.Nodes[2].Id));
        Assert.True(world.Nodes[1].Links.IsSuspected(world.Nodes[2].Id));
    }

    [Fact]
    public void ABrokenConnectionAloneIsNoCrash()
    {
        var world = new LinkWorld(3);
        world.Nodes[0].PeerDown(world.Nodes[2], PeerLoss.Broken);
        world.NobodyIsAccused(3_000);
    }

    [Fact]
    public void ACrashBeyondACutLinkIsToldByRelay()
    {
        var world = new LinkWorld(4);
        world.Cut(0, 1);
        world.Run(1_000);
        world.Kill(3, isSeen: 0);
        world.AllSay([0, 1, 2], [3], 100);
    }

    [Fact]
    public void APowerFailureIsSilenceAndTakesTheSuspicionTime()
    {
        var world = new LinkWorld(3);
        world.Kill(1);
        world.Run(500);
        Assert.All(world.Nodes, node => Assert.Null(node.Links.Verdict));
        world.AllSay([0, 2], [1], 500);
        Assert.False(world.Nodes[0].Links.IsConfirmedGone(world.Nodes[1].Id));
    }

    [Fact]
    public void ARestartedProcessHasEndedItsOldLifeButNotItsNew()
    {
        var world = new LinkWorld(3);
        var old = world.Nodes[2].Id;
        world.Kill(2, isSeen: 0);
        world.Nodes[0].PeerUp(world.Nodes[2], incarnation: 2);
        world.Run(20);
        foreach (var node in world.Nodes[..2])
        {
            Assert.True(node.Links.IsConfirmedGone(old));
            Assert.False(node.Links.IsConfirmedGone(old with { Incarnation = 2 }));
            Assert.Equal([old], node.Links.Verdict!.Go);
        }
    }

    [Fact]
    public void AProcessThatRestartsBeforeItsEndIsSeenIsNotTakenForGone()
    {
        var world = new LinkWorld(3);
        var node = world.Nodes[2];
        world.Nodes[1].PeerUp(node, incarnation: 2);
        world.Run(20);
        world.Nodes[0].PeerDown(node, PeerLoss.ProcessGone);
        Assert.True(world.Nodes[0].Links.IsConfirmedGone(node.Id));
        Assert.False(world.Nodes[0].Links.IsConfirmedGone(node.Id with { Incarnation = 2 }));
    }

    [Fact]
    public void AGoodbyeCountsHalfOfAVote()
    {
        // Of two, the one that stays has 2 * 1 + 1 > 2.
        var world = new LinkWorld(2);
        world.Nodes[1].Step(world.Nodes[1].Links.SayGoodbye);
        world.Kill(1);
        world.AllSay([0], [1], 20);
        var crashed = new LinkWorld(2);
        crashed.Kill(1, isSeen: 0);
        crashed.Run(3_000);
        Assert.Null(crashed.Nodes[0].Links.Verdict);
        Assert.True(crashed.Nodes[0].Links.IsSuspected(crashed.Nodes[1].Id));
    }

    [Fact]
    public void TwoOfThreeGoneLeaveNobodyToDecide()
    {
        var world = new LinkWorld(3);
        world.Kill(1, isSeen: 0);
        world.Kill(2, isSeen: 0);
        Assert.Null(world.Nodes[0].Links.Verdict);
        world.Run(3_000);
        Assert.Null(world.Nodes[0].Links.Verdict);
    }

    [Fact]
    public void FiftyNodesHearOfACrashAtOnceAndOfSilenceInTime()
    {
        var world = new LinkWorld(50);
        var framesBefore = world.Frames;
        world.NobodyIsAccused(3_000);
        Assert.True(world.Frames - framesBefore < 50 * 20 * 20 * 3, "a ring costs less than a mesh");
        world.Kill(33, isSeen: 30);
        world.AllSay([0, 1, 2, 30], [33], 150);
        var silent = new LinkWorld(50);
        silent.Kill(20);
        silent.Kill(41);
        silent.AllSay([0, 1, 2, 3, 4], [20, 41], 1_500);
        Assert.True(silent.Nodes[49].Links.IsSuspected(silent.Nodes[20].Id));
    }

    [Fact]
    public void OfFiftyNodesTheSequencerMayFallSilentToo()
    {
        var world = new LinkWorld(50);
        world.Kill(0);
        world.AllSay([1, 2, 3, 4], [0], 2_000);
    }

    [Fact]
    public void OfFiftyNodesOneCutLinkAccusesNobody()
    {
        var world = new LinkWorld(50);
        world.Cut(0, 40);
        world.Cut(1, 2);
        world.NobodyIsAccused(3_000);
        Assert.True(world.Arrives(0, 40));
        Assert.True(world.Arrives(40, 0));
    }

    [Fact]
    public void OfFiftyNodesADeafLearnerIsAccused()
    {
        var world = new LinkWorld(50);
        for (var i = 0; i < 50; i++)
            world.CutOneWay(i, 30);
        world.AllSay([0], [30], 3_000);
    }

    [Fact]
    public void HeartbeatsAreReadOnceThoughTheyComeTwice()
    {
        var world = new LinkWorld(3);
        var before = world.Nodes[1].PayloadsRead;
        world.Cut(0, 1);
        world.Run(1_000);
        Assert.InRange(world.Nodes[1].PayloadsRead - before, 30, 46);
    }

    [Fact]
    public void ANodeOutsideTheViewIsKnownWhileItIsHeard()
    {
        var world = new LinkWorld(3);
        var id = new MemberId(new NodeId(5), 1);
        world.Nodes[0].Step(() => world.Nodes[0].Links.OnPeerUp(new PeerHello { Id = id, Name = "", Address = "" }));
        world.Nodes[0].Step(() => Assert.False(world.Nodes[0].Links.OnFrame(id.Node, [1], out _, out _, out _)));
        world.Run(20);
        Assert.Equal([id.Node], world.Nodes[0].Links.Known);
        world.Run(2_000);
        Assert.Empty(world.Nodes[0].Links.Known);
        Assert.Null(world.Nodes[0].Links.Verdict);
    }
}
