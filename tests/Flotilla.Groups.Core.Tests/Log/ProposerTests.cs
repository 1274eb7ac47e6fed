namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>How long a proposer waits.</summary>
public sealed class ProposerTests
{
    [Fact]
    public void OneWhoseMajorityForgetsWhileItWaitsForTheRestGivesUp()
    {
        var net = new MemoryNet(11, 4, founders: 3);
        for (var i = 0; i < 3; i++)
            net[i].Start();
        net.RunUntil("three", () => net.AllVote(net[0], net[1], net[2]));
        net.Run(100);
        var epoch = net[0].Machine!.View!.Epoch;
        var proposer = net.Nodes.First(node => node.Self.Node == net[0].Machine!.View!.Sequencer);
        var others = net.Nodes.Where(node => node.IsUp && node != proposer).ToList();
        var (voter, late) = (others[0], others[1]);
        foreach (var node in new[] { proposer, voter, net[3] })
            net.Cut(late, node);
        net[3].Start();
        net.RunUntil("a promise", () => voter.Machine!.Log.State.Promised.Epoch > epoch);
        net.Run(20);
        net.Kill(voter);
        voter.Start(isSameBoot: false);
        net.RunUntil("the end", () => proposer.Events.Any(line => line.Contains($"no majority answered in time: {late.Name}", StringComparison.Ordinal)));
        Assert.Equal(epoch, proposer.Machine!.View!.Epoch);
        net.Heal();
        net.RunUntil("four", () => net.AreTogether([.. net.Nodes]));
    }
}
