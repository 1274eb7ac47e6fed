namespace Flotilla.Groups.Core.Tests.Links;

/// <summary>Who is accused when links are cut: only who can't be reached at all.</summary>
public sealed class CutTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(20)]
    public void NobodyIsAccusedOfAQuietLife(int nodes) => new LinkWorld(nodes).NobodyIsAccused(5_000);

    [Theory]
    [InlineData(3, 0, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(5, 0, 4)]
    [InlineData(20, 3, 17)]
    [Trait("tier", "full")]
    public void ACutLinkIsRelayedAndNobodyIsAccused(int nodes, int a, int b)
    {
        var world = new LinkWorld(nodes);
        world.Cut(a, b);
        world.Run(260);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(world.Arrives(a, b), $"frame {i} to the other end is lost");
            Assert.True(world.Arrives(b, a), $"frame {i} to this end is lost");
        }

        world.NobodyIsAccused(10_000);
        Assert.True(world.NowMs * LinkWorld.Ms - world.Nodes[a].Links.LastHeardNs(world.Nodes[b].Id.Node) < 200 * LinkWorld.Ms);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void OneDirectionCutIsRelayedByWhatTheOtherEndSays(int nodes)
    {
        var world = new LinkWorld(nodes);
        world.CutOneWay(0, 1);
        world.Run(320);
        Assert.True(world.Arrives(0, 1));
        Assert.True(world.Arrives(1, 0));
        Assert.NotEqual(world.Nodes[1].Id.Node, world.Nodes[0].Links.NextHop(world.Nodes[1].Id.Node));
        world.NobodyIsAccused(10_000);
    }

    [Fact]
    public void OneWayLinksInACircleStillReachEverybody()
    {
        var world = new LinkWorld(3);
        world.CutOneWay(1, 0);
        world.CutOneWay(2, 1);
        world.CutOneWay(0, 2);
        world.NobodyIsAccused(10_000);
        foreach (var (from, to) in new[] { (0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0) })
            Assert.True(world.Arrives(from, to), $"{from} to {to}");
    }

    [Fact]
    public void AMendedLinkIsUsedAgain()
    {
        var world = new LinkWorld(3);
        world.Cut(0, 1);
        world.Run(1_000);
        Assert.Equal(world.Nodes[2].Id.Node, world.Nodes[0].Links.NextHop(world.Nodes[1].Id.Node));
        world.Cut(0, 1, isCut: false);
        world.Run(1_000);
        Assert.Equal(world.Nodes[1].Id.Node, world.Nodes[0].Links.NextHop(world.Nodes[1].Id.Node));
        Assert.Contains(world.Nodes[0].Events, happened => happened.Kind == NodeEventKind.PathChanged);
    }

    [Fact]
    public void ALostConnectionIsRelayedAtOnce()
    {
        var world = new LinkWorld(3);
        world.Nodes[0].PeerDown(world.Nodes[1], PeerLoss.Broken);
        world.Nodes[1].PeerDown(world.Nodes[0], PeerLoss.Broken);
        Assert.True(world.Arrives(0, 1));
        world.NobodyIsAccused(10_000);
        Assert.True(world.Arrives(1, 0));
    }

    [Fact]
    public void ABridgeKeepsTwoHalvesTogether()
    {
        var world = new LinkWorld(5);
        world.Split([0, 1, 2], [2, 3, 4]);
        world.NobodyIsAccused(10_000);
        Assert.True(world.Arrives(0, 4));
        Assert.True(world.Arrives(3, 1));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    public void MajoritiesInARingNeedNobodyToGo(int nodes)
    {
        // Everybody hears a majority, and no two hear the same.
        var world = new LinkWorld(nodes);
        var reach = nodes / 4;
        for (var a = 0; a < nodes; a++)
        {
            for (var b = 0; b < nodes; b++)
            {
                var apart = Math.Min(Math.Abs(a - b), nodes - Math.Abs(a - b));
                if (a != b && apart > Math.Max(reach, nodes / 2 - 1))
                    world.CutOneWay(a, b);
            }
        }

        world.NobodyIsAccused(10_000);
    }

    [Fact]
    public void OfALineTheSetWithTheSequencerStays()
    {
        // 0 - 1 - 2 - 3 - 4: no relay takes a frame from 0 to 3.
        var world = new LinkWorld(5);
        for (var a = 0; a < 5; a++)
        {
            for (var b = 0; b < a - 1; b++)
                world.Cut(a, b);
        }

        world.AllSay([0, 1, 2], [3, 4], 3_000);
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2 }, new[] { 3, 4 })]
    [InlineData(new[] { 2, 3, 4 }, new[] { 0, 1 })]
    public void TheMajorityAccusesTheMinorityAndNotTheOtherWayRound(int[] majority, int[] minority)
    {
        var world = new LinkWorld(5);
        world.Split(majority, minority);
        world.AllSay(majority, minority, 2_000);
        world.Run(3_000);
        Assert.All(minority, node => Assert.Null(world.Nodes[node].Links.Verdict));
    }

    [Fact]
    public void HalvesOfEqualWeightBothWait()
    {
        var world = new LinkWorld(4);
        world.Split([0, 1], [2, 3]);
        world.NobodyIsAccused(5_000);
    }

    [Fact]
    public void TheHeavierHalfGoesOn()
    {
        var world = new LinkWorld(4, [1, 1, 1, 2]);
        world.Split([0, 1], [2, 3]);
        world.AllSay([2, 3], [0, 1], 2_000);
        Assert.Null(world.Nodes[0].Links.Verdict);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(7, 3)]
    public void AnIsolatedNodeIsAccusedByTheOthersAndAccusesNobody(int nodes, int isolated)
    {
        var world = new LinkWorld(nodes);
        var others = Enumerable.Range(0, nodes).Where(i => i != isolated).ToArray();
        world.Split(others);
        world.AllSay(others, [isolated], 2_000);
        Assert.Null(world.Nodes[isolated].Links.Verdict);
        foreach (var other in others)
            Assert.True(world.Nodes[other].Links.IsSuspected(world.Nodes[isolated].Id));
    }

    [Fact]
    public void AnIsolatedNodeDoubtsItself()
    {
        var world = new LinkWorld(3);
        world.Split([1, 2]);
        world.Run(2_000, () => world.Nodes[0].Links.IsInDoubtOfItself);
        Assert.True(world.Nodes[0].Links.IsInDoubtOfItself);
        Assert.False(world.Nodes[1].Links.IsInDoubtOfItself);
    }

    [Fact]
    public void ADeafNodeIsAccusedThoughItIsHeard()
    {
        var world = new LinkWorld(4);
        for (var i = 1; i < 4; i++)
            world.CutOneWay(i, 0);
        world.AllSay([1, 2, 3], [0], 3_000);
        Assert.Null(world.Nodes[0].Links.Verdict);
    }

    [Fact]
    public void ReturningInTimeIsForgiven()
    {
        var world = new LinkWorld(3);
        world.Split([1, 2]);
        world.Run(500);
        world.Split([0, 1, 2]);
        world.NobodyIsAccused(3_000);
    }

    [Fact]
    public void TwoThatFallSilentOneAfterTheOtherGoTogether()
    {
        var world = new LinkWorld(5);
        world.Kill(3);
        world.Run(150);
        world.Kill(4);
        world.Run(2_000, () => world.Nodes[0].Links.Verdict is not null);
        Assert.Equal([world.Nodes[3].Id, world.Nodes[4].Id], world.Nodes[0].Links.Verdict!.Go);
    }

    [Fact]
    public void AMuteNodeIsAccused()
    {
        // A mute node: 3 hears 0, nobody hears 3.
        var world = new LinkWorld(4);
        world.Split([0, 1, 2], [0, 3]);
        world.CutOneWay(3, 0);
        world.AllSay([0, 1, 2], [3], 3_000);
    }
}
