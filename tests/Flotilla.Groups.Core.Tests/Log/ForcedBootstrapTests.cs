namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>A bootstrap forced by hand begins another cluster, whatever became of the others.</summary>
public sealed class ForcedBootstrapTests
{
    [Fact]
    public void BesideOthersThatLiveThereAreTwoClustersAndNeitherLosesWhatItHad()
    {
        var net = Beside();
        var old = net[1].Machine!.Cluster;
        net[0].Do(new ForceBootstrap());
        net.RunUntil("one goes on alone", () => net.AreTogether(net[0]));
        net[0].Submit(Delivery.SafeDurable, "alone");
        net.Heal();
        net.Run(5000);
        RequireTwo(net, old);
        Assert.Contains(net[0].Consumer.State, line => line.EndsWith("alone", StringComparison.Ordinal));

        net[0].Do(new ForceBootstrap());
        net.Run(5000);
        RequireTwo(net, old);
        Assert.Contains(net[0].Consumer.State, line => line.EndsWith("alone", StringComparison.Ordinal));
    }

    [Fact]
    public void WhoIsConnectedToTheOthersIsNotHeardByThemAnyMore()
    {
        var net = Founded();
        var old = net[1].Machine!.Cluster;
        net[0].Do(new ForceBootstrap());
        net.RunUntil("two go on", () => net.AreTogether(net[1], net[2]) && net.AreTogether(net[0]));
        net[1].Submit(Delivery.SafeDurable, "precious");
        net.Run(3000);
        RequireTwo(net, old);
        Assert.All(net.Nodes, node => Assert.True(node.Lease.IsValidAt(net.NowNs)));
    }

    [Fact]
    public void TwoClustersDoNotMergeWhenAllRestart()
    {
        var net = Beside();
        var old = net[1].Machine!.Cluster;
        net[0].Do(new ForceBootstrap());
        net.RunUntil("one goes on alone", () => net.AreTogether(net[0]));
        net.Run(200);
        net.Heal();
        foreach (var node in net.Nodes)
            net.Kill(node);
        foreach (var node in net.Nodes)
            node.Start();
        net.RunUntil("both recover", () => net.AreTogether(net[0]) && net.AreTogether(net[1], net[2]) && HasPrecious(net[1]) && HasPrecious(net[2]));
        net.Run(2000);
        RequireTwo(net, old);
    }

    [Fact]
    public void AWipedNodeJoinsTheOneThatWasForced()
    {
        var net = Beside();
        net[0].Do(new ForceBootstrap());
        net.RunUntil("one goes on alone", () => net.AreTogether(net[0]));
        net.Heal();
        foreach (var node in new[] { net[1], net[2] })
        {
            net.Kill(node);
            node.Wipe();
        }

        net[1].Start();
        net[2].Start();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
    }

    [Fact]
    public void ANodeThatHearsTwoClustersBeforeItIsInOneEndsInOneAndLeavesTheOther()
    {
        var net = Beside();
        var old = net[1].Machine!.Cluster;
        net[0].Do(new ForceBootstrap());
        net.RunUntil("one goes on alone", () => net.AreTogether(net[0]));
        net.Heal();
        net.Kill(net[2]);
        net[2].Wipe();
        net[2].Start();
        net.RunUntil("it is a member", () => net[2].Machine!.IsMember && net[2].Consumer.NeedsState is null);
        net.Run(5000);
        var joined = net[2].Machine!.Cluster == old ? net[1] : net[0];
        var other = joined == net[0] ? net[1] : net[0];
        Assert.True(net[2].Machine!.IsMember && joined.Machine!.View!.Contains(net[2].Self));
        Assert.False(other.Machine!.View!.Contains(net[2].Self));
    }

    /// <summary>n0 is cut off; n1 and n2 go on, and have a durable message that n0 does not.</summary>
    private static MemoryNet Beside()
    {
        var net = Founded();
        net.Cut(net[0], net[1]);
        net.Cut(net[0], net[2]);
        net.RunUntil("two", () => net.AllVote(net[1], net[2]));
        net[1].Submit(Delivery.SafeDurable, "precious");
        net.RunUntil("delivery", () => HasPrecious(net[1]) && HasPrecious(net[2]));
        return net;
    }

    private static MemoryNet Founded()
    {
        var net = new MemoryNet(11, 3);
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        net.Run(100);
        return net;
    }

    private static void RequireTwo(MemoryNet net, ClusterId old)
    {
        Assert.True(net.AreTogether(net[0]));
        Assert.True(net.AreTogether(net[1], net[2]));
        Assert.Equal([old, old], [net[1].Machine!.View!.Cluster, net[2].Machine!.View!.Cluster]);
        Assert.NotEqual(old, net[0].Machine!.View!.Cluster);
        Assert.Equal(net[0].Machine!.Cluster, net[0].Machine!.View!.Cluster);
        Assert.True(HasPrecious(net[1]) && HasPrecious(net[2]));
        Assert.Equal([0, 0], [net[1].Consumer.Evictions.Count, net[2].Consumer.Evictions.Count]);
    }

    private static bool HasPrecious(MemoryNode node) => node.Consumer.State.Exists(line => line.EndsWith("precious", StringComparison.Ordinal));
}
