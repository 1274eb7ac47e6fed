namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>A tie is decided for one half of the votes of one epoch.</summary>
public sealed class TieTests
{
    [Fact]
    public void ATieThatWasWonByOneHalfDoesNotCountForAnotherOfTheSameWeight()
    {
        var net = new MemoryNet(11, 2);
        net.StartAll();
        net.RunUntil("two", () => net.AllVote([.. net.Nodes]));
        net.Run(100);
        var epoch = net[0].Machine!.View!.Epoch;
        net.Kill(net[1]);
        net.RunUntil("the question", () => net[0].Ties.Count > 0);
        var tie = net[0].Ties[0];
        Assert.Equal([net[0].Self], tie.Here);
        Assert.Equal(epoch + 1, tie.Epoch);
        net[0].Do(new DecideTie(tie.Epoch, tie.Silent, IsGranted: true));
        net.Run(5000);
        Assert.Equal(epoch, net[0].Machine!.View!.Epoch);
        net[0].Do(new DecideTie(tie.Epoch, tie.Here, IsGranted: false));
        net.Run(5000);
        Assert.Equal(epoch, net[0].Machine!.View!.Epoch);
        net[0].Do(new DecideTie(tie.Epoch, tie.Here, IsGranted: true));
        net.RunUntil("one", () => net.AreTogether(net[0]));
    }

    [Fact]
    public void TheQuestionNamesTheVotersThatAreHereAndTheirHalfMayDecide()
    {
        // Two of weight 1 against one of weight 2.
        var net = new MemoryNet(11, 3, options => options with { Weight = options.Name == "n2" ? 2 : 1 });
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        net.Run(100);
        var silent = net[2].Self;
        net.Kill(net[2]);
        net.RunUntil("the question", () => net[0].Ties.Count + net[1].Ties.Count > 0);
        var tie = net[0].Ties.Concat(net[1].Ties).First();
        Assert.Equal(new HashSet<MemberId> { net[0].Self, net[1].Self }, [.. tie.Here]);
        Assert.Equal([silent], tie.Silent);
        foreach (var node in new[] { net[0], net[1] })
            node.Do(new DecideTie(tie.Epoch, tie.Here, IsGranted: true));
        net.RunUntil("two", () => net.AreTogether(net[0], net[1]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheLeaseOfAProcessThatSeemsDeadIsWaitedForWhenToldSo(bool always)
    {
        var net = new MemoryNet(11, 3, options => options with { LeaseNs = 3_000_000_000, AlwaysWaitsForLeases = always });
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]) && net.Nodes.All(node => node.Lease.IsValidAt(net.NowNs)));
        net.Run(3500);
        var untilNs = net[2].Lease.UntilNs;
        net.Kill(net[2]);
        net.RunUntil("two", () => net.AreTogether(net[0], net[1]));
        Assert.Equal(always, net.NowNs >= untilNs);
    }
}
