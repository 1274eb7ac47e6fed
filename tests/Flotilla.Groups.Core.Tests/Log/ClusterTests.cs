namespace Flotilla.Groups.Core.Tests.Log;

public sealed class ClusterTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(5)]
    public void FoundersAgreeOnAFirstView(int count)
    {
        var net = new MemoryNet(7, count);
        net.StartAll();
        net.RunUntil("a first view", () => net.AreTogether([.. net.Nodes]));
        Assert.All(net.Nodes, node => Assert.Equal(1UL, node.Machine!.View!.Epoch));
        net.RunUntil("leases", () => net.Nodes.All(node => node.Lease.IsValidAt(net.NowNs)));
    }

    [Theory, InlineData(Delivery.Ordered), InlineData(Delivery.Safe), InlineData(Delivery.SafeDurable)]
    public void EverybodyDeliversTheSameInTheSameOrder(Delivery delivery)
    {
        var net = Founded(3);
        for (var i = 0; i < 20; i++)
        {
            foreach (var node in net.Nodes)
                node.Submit(delivery, $"{node.Name}-{i}");
            net.Run(3);
        }

        net.RunUntil("all delivered", () => net.Nodes.All(node => node.Consumer.State.Count == 61));
        net.CheckSameOrder();
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void TheOthersGoOnWhenAProcessIsKilledAndItComesBack(int victim)
    {
        var net = Founded(3);
        net[0].Submit(Delivery.Safe, "before");
        net.Run(50);
        net.Kill(net[victim]);
        MemoryNode[] rest = [.. net.Nodes.Where(node => node.IsUp)];
        net.RunUntil("a view of two", () => net.AreTogether(rest));
        rest[0].Submit(Delivery.Safe, "meanwhile");
        net.RunUntil("delivery", () => rest.All(node => node.Consumer.State[^1].EndsWith("meanwhile", StringComparison.Ordinal)));
        net[victim].Start();
        net.RunUntil("three again", () => net.AllVote([.. net.Nodes]));
        net[victim].Submit(Delivery.Safe, "back");
        net.RunUntil("delivery", () => net.Nodes.All(node => node.Consumer.State[^1].EndsWith("back", StringComparison.Ordinal)));
        net.CheckSameOrder();
    }

    [Fact]
    public void NobodyIsLostWhenTheNetworkLosesDoublesAndReorders()
    {
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var net = new MemoryNet(seed, 3) { LossOneIn = 5 };
            net.StartAll();
            net.RunUntil("a first view", () => net.AreTogether([.. net.Nodes]));
            for (var i = 0; i < 50; i++)
            {
                net[i % 3].Submit(i % 2 == 0 ? Delivery.Safe : Delivery.Ordered, $"m{i}");
                net.Run(5);
            }

            net.RunUntil("all delivered", () => net.Nodes.All(node => node.Consumer.State.Count(line => !line.Contains("view")) == 50));
            net.CheckSameOrder();
        }
    }

    [Fact]
    public void AllRestartAndRecoverFromTheirDisks()
    {
        var net = Founded(3, options => options with { CheckpointEveryBytes = 2000 });
        for (var i = 0; i < 60; i++)
        {
            net[i % 3].Submit(Delivery.SafeDurable, $"m{i}");
            net.Run(5);
        }

        net.RunUntil("all delivered", () => net.Nodes.All(node => node.Consumer.State.Count == 61));
        var before = net[0].Consumer.State.ToList();
        foreach (var node in net.Nodes)
            net.Kill(node);
        foreach (var node in net.Nodes)
            node.Start(isSameBoot: false);
        net.RunUntil("three again", () => net.AllVote([.. net.Nodes]));
        Assert.All(net.Nodes, node => Assert.Equal(before, node.Consumer.State.Take(before.Count)));
        net[1].Submit(Delivery.Safe, "again");
        net.RunUntil("delivery", () => net.Nodes.All(node => node.Consumer.State[^1].EndsWith("again", StringComparison.Ordinal)));
        net.CheckSameOrder();
    }

    [Fact]
    public void NewcomersAreTakenInTogether()
    {
        var net = new MemoryNet(3, 5, founders: 3);
        net.StartAll();
        net.RunUntil("five members", () => net.AllVote([.. net.Nodes]));
        net[4].Submit(Delivery.Safe, "hello");
        net.RunUntil("delivery", () => net.Nodes.All(node => node.Consumer.State[^1].EndsWith("hello", StringComparison.Ordinal)));
        net.CheckSameOrder();
    }

    [Theory, InlineData(0), InlineData(2)]
    public void AMemberLeavesInGoodOrder(int leaver)
    {
        var net = Founded(3);
        net[leaver].Stop();
        net.RunUntil("it stopped", () => net[leaver].IsStopped);
        net.RunUntil("two", () => net.AreTogether([.. net.Nodes.Where(node => node != net[leaver])]));
    }

    private static MemoryNet Founded(int count, Func<NodeOptions, NodeOptions>? change = null)
    {
        var net = new MemoryNet(7, count, change);
        net.StartAll();
        net.RunUntil("a first view", () => net.AreTogether([.. net.Nodes]));
        return net;
    }
}
