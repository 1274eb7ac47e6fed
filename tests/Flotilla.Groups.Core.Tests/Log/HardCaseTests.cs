using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>The hard cases of docs/design/groups.md, one by one.</summary>
public sealed class HardCaseTests
{
    [Fact]
    public void OneOfTwoStopsUntilAWitnessDecides()
    {
        var net = Founded(2);
        net.Kill(net[1]);
        net.RunUntil("the question", () => net[0].Ties.Count > 0);
        net.Run(3000);
        Assert.Equal(1UL, net[0].Machine!.View!.Epoch);
        Assert.Equal([1UL], net[0].PrimaryLostEpochs);
        net[0].Do(new DecideTie(net[0].Ties[0].Epoch, net[0].Ties[0].Here, IsGranted: true));
        net.RunUntil("a view of one", () => net.AreTogether(net[0]));
        net[0].Submit(Delivery.Safe, "alone");
        net.RunUntil("delivery", () => net[0].Consumer.State[^1].EndsWith("alone", StringComparison.Ordinal));
        net[1].Start();
        net.RunUntil("two again", () => net.AllVote(net[0], net[1]));
    }

    [Fact]
    public void TheHeavierOfTwoGoesOn()
    {
        var net = Founded(2, options => options with { Weight = options.Name == "n0" ? 2 : 1 });
        net.Kill(net[1]);
        net.RunUntil("a view of one", () => net.AreTogether(net[0]));
        net[1].Start();
        net.RunUntil("two again", () => net.AllVote(net[0], net[1]));
        net.Kill(net[0]);
        net.Run(5000);
        Assert.Equal(2, net[1].Machine!.View!.Members.Length);
    }

    [Fact]
    public void TheHeavierOfTwoGoesOnWhenTheSequencerIsOnlySilent()
    {
        var net = Founded(2, options => options with { Weight = options.Name == "n0" ? 2 : 1 });
        var isFirst = net[0].Machine!.View!.Sequencer == net[0].Self.Node;
        if (isFirst)
            net = Founded(2, options => options with { Weight = options.Name == "n1" ? 2 : 1 });
        var (heavy, light) = isFirst ? (net[1], net[0]) : (net[0], net[1]);
        Assert.Equal(light.Self.Node, heavy.Machine!.View!.Sequencer);
        net.Cut(heavy, light);
        net.RunUntil("a view of one", () => net.AreTogether(heavy));
    }

    [Fact]
    public void AMinorityThatIsCutOffLosesItsLeaseBeforeTheOthersActAndReturnsAsAnotherIncarnation()
    {
        var net = Founded(3);
        net.RunUntil("leases", () => net.Nodes.All(node => node.Lease.IsValidAt(net.NowNs)));
        net.Cut(net[0], net[1]);
        net.Cut(net[0], net[2]);
        net.RunUntil("a view of two", () =>
        {
            var isNew = net[1].Machine!.View!.Epoch > 1 || net[2].Machine!.View!.Epoch > 1;
            Assert.False(isNew && net[0].Lease.IsValidAt(net.NowNs) && net[0].PrimaryLostEpochs.Count == 0);
            return net.AreTogether(net[1], net[2]);
        });
        Assert.Equal([1UL], net[0].PrimaryLostEpochs);
        net.Heal();
        net.RunUntil("three again", () => net.AllVote([.. net.Nodes]));
        Assert.Single(net[0].Consumer.Evictions);
        Assert.Equal(2U, net[0].Self.Incarnation);
    }

    [Fact]
    public void AMessageThatOnlyTheLostSideDeliveredIsLostWithIt()
    {
        var net = Founded(3);
        net.Cut(net[0], net[1]);
        net.Cut(net[0], net[2]);
        net[0].Submit(Delivery.Ordered, "lost");
        net[0].Submit(Delivery.Safe, "held");
        net.RunUntil("a view of two", () => net.AreTogether(net[1], net[2]));
        Assert.DoesNotContain(net[0].Consumer.State, line => line.EndsWith("held", StringComparison.Ordinal));
        net.Heal();
        net.RunUntil("three again", () => net.AllVote([.. net.Nodes]));
        net.CheckSameOrder();
        Assert.All(net.Nodes, node => Assert.DoesNotContain(node.Consumer.State, line => line.EndsWith("lost", StringComparison.Ordinal)));
    }

    [Fact]
    public void AWipedNodeIsANewcomerWithoutAVote()
    {
        var net = Founded(3);
        var old = net[2].Self.Node;
        net.Kill(net[1]);
        net.Kill(net[2]);
        net[2].Wipe();
        net[2].Start();
        net.Run(6000);
        Assert.False(net[0].Machine!.View!.Epoch > 1);
        Assert.False(net[2].Machine!.IsMember);
        net[1].Start();
        net.RunUntil("three again", () => net.AllVote([.. net.Nodes]));
        Assert.NotEqual(old, net[2].Self.Node);
    }

    [Fact]
    public void TwoWipedFoundersDoNotFoundASecondCluster()
    {
        var net = Founded(3);
        foreach (var node in net.Nodes)
            net.Kill(node);
        net[1].Wipe();
        net[2].Wipe();
        foreach (var node in net.Nodes)
            node.Start();
        net.Run(10_000);
        Assert.All(net.Nodes, node => Assert.False(node.Machine!.IsMember));
        Assert.Contains(net[0].Events, line => line.Contains("Waiting", StringComparison.Ordinal) && line.Contains("missing: n1, n2", StringComparison.Ordinal));
        net[0].Do(new ForceBootstrap());
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
    }

    [Fact]
    public void ABallotOfAnotherClusterIsNotPromised()
    {
        var net = Founded(3);
        var view = net[0].Machine!.View! with { Cluster = new ClusterId(7, 7) };
        var (before, next) = (new DecidedView(view, [0, 0, 0]), new DecidedView(view with { Epoch = view.Epoch + 1, StartSequence = view.StartSequence + 9 }, [0, 0, 0]));
        var ballot = new Ballot(view.Epoch + 1, 9, net[1].Self.Node);
        var builder = new FrameBuilder();
        new PrepareFrame(ballot, before).Write(builder);
        net[0].Take(net[1].Self.Node, [(byte)FrameType.Prepare, .. builder.Body]);
        new AcceptFrame(ballot, next).Write(builder);
        net[0].Take(net[1].Self.Node, [(byte)FrameType.Accept, .. builder.Body]);
        Assert.Equal(2, net[0].Events.Count(line => line.Contains("another cluster", StringComparison.Ordinal)));
        net.Run(3000);
        Assert.All(net.Nodes, node => Assert.Equal(view.Epoch, node.Machine!.View!.Epoch));
    }

    [Fact]
    public void FoundersWhoDieAfterAllAcceptedRecoverTheViewOfTheirEarlierLives()
    {
        var net = new MemoryNet(1, 3);
        net.StartAll();
        net.RunUntil("acceptance", () => net.Nodes.All(node => node.Records.Exists(record => record.Kind == PersistRecordKind.Accepted)));
        net.Cut(net[0], net[1]);
        net.Cut(net[0], net[2]);
        net.Cut(net[1], net[2]);
        net.Run(100);
        Assert.All(net.Nodes, node => Assert.Empty(node.Installed));
        foreach (var node in net.Nodes)
            net.Kill(node);
        net.Heal();
        foreach (var node in net.Nodes)
            node.Start(isSameBoot: false);
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        Assert.True(net[0].Machine!.View!.Epoch > 1);
    }

    [Fact]
    public void AMajorityOfTheLastViewRecoversWithoutTheRest()
    {
        var net = Founded(3);
        for (var i = 0; i < 10; i++)
            net[0].Submit(Delivery.SafeDurable, $"m{i}");
        net.RunUntil("delivery", () => net.Nodes.All(node => node.Consumer.State.Count == 11));
        foreach (var node in net.Nodes)
            net.Kill(node);
        net[2].Start(isSameBoot: false);
        net.Run(5000);
        Assert.False(net[2].Machine!.IsMember);
        net[1].Start(isSameBoot: false);
        net.RunUntil("two", () => net.AreTogether(net[1], net[2]));
        Assert.Equal(11, net[1].Consumer.State.Count(line => !line.Contains("view 2")));
        net[0].Start();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        net.CheckSameOrder();
    }

    [Fact]
    public void OneWhoseDiskFailsLeavesTheOthersGoOn()
    {
        for (var victim = 0; victim < 3; victim++)
        {
            var net = Founded(3);
            net[victim].FailDisk();
            MemoryNode[] rest = [.. net.Nodes.Where(node => node != net[victim])];
            net.RunUntil("two", () => net.AreTogether(rest));
            rest[0].Submit(Delivery.SafeDurable, "on");
            net.RunUntil("delivery", () => rest.All(node => node.Consumer.State[^1].EndsWith("on", StringComparison.Ordinal)));
            Assert.Contains(net[victim].Events, line => line.Contains("DiskFailed", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void NobodyIsDroppedInTurnWhereAllDisksAreSlow()
    {
        var net = new MemoryNet(11, 5, options => options with { SuspectNs = 400_000_000, LeaseNs = 600_000_000 });
        net.StartAll();
        foreach (var node in net.Nodes)
            node.FlushTakesMs = 300;
        net.RunUntil("a first view", () => net.AreTogether([.. net.Nodes]), 60_000);
        MemoryNode[] stay = [.. net.Nodes.SkipLast(1)];
        for (var i = 0; i < 3; i++)
        {
            net.Kill(net[4]);
            net.RunUntil("four", () => net.AreTogether(stay), 60_000);
            net[4].Start();
            net.RunUntil("five", () => net.AllVote([.. net.Nodes]), 60_000);
        }

        Assert.All(stay, node => Assert.Empty(node.Consumer.Evictions));
    }

    [Fact]
    public void OneThatFallsBehindDoesNotStallTheOthers()
    {
        var net = Founded(3, options => options with { MaxLagBytes = 200_000, MaxMessageBytes = 10_000, MaxUnsequencedBytes = 100_000 });
        net.Nodes[1].IsDiskStalled = true;
        var text = new string('x', 5000);
        for (var i = 0; i < 200; i++)
        {
            if (net[0].Consumer.Log.HasRoom)
                net[0].Submit(Delivery.Safe, text);
            net.Run(20);
        }

        Assert.Contains(net[0].Machine!.View!.Members, member => member.Role == MemberRole.Voter);
        Assert.True(net[0].Machine!.View!.Epoch > 1);
        Assert.True(net[0].Machine!.RetainedBytes < 1_000_000, $"{net[0].Machine!.RetainedBytes} bytes");
        net.Nodes[1].IsDiskStalled = false;
        net.RunUntil("three again", () => net.AllVote([.. net.Nodes]));
        net.CheckSameOrder();
    }

    [Fact]
    public void ADiskThatIsBehindDoesNotRepeatAnIncarnation()
    {
        var net = Founded(3);
        var records = net[2].Records.ToList();
        for (var life = 2U; life <= 4; life++)
        {
            net.Kill(net[2]);
            net.RunUntil("two", () => net.AreTogether(net[0], net[1]));
            net[2].Start();
            net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        }

        net.Kill(net[2]);
        net[2].Records.Clear();
        net[2].Records.AddRange(records);
        net.RunUntil("two", () => net.AreTogether(net[0], net[1]));
        net[2].Start();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        Assert.True(net[2].Self.Incarnation > 4);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void WithoutALogOnDiskAKilledMemberComesBackToo(bool isSameBoot)
    {
        var net = Founded(3, options => options with { LogOnDisk = false });
        net[0].Submit(Delivery.Safe, "before");
        net.RunUntil("delivery", () => net.Nodes.All(node => node.Consumer.State.Count == 2));
        net.Kill(net[0]);
        net.RunUntil("two", () => net.AreTogether(net[1], net[2]));
        net[0].Start(isSameBoot);
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        net.CheckSameOrder();
    }

    [Fact]
    public void AllMayLeaveAtOnce()
    {
        var net = Founded(3);
        foreach (var node in net.Nodes)
            node.Stop();
        net.RunUntil("all stopped", () => net.Nodes.All(node => node.IsStopped));
    }

    [Fact]
    public void TwoOfThreeThatWereToldToStopWhileTheThirdWasLostComeBackWithoutIt()
    {
        var net = Founded(3);
        var lost = net.Nodes.First(node => node.Self.Node != net[0].Machine!.View!.Sequencer);
        MemoryNode[] rest = [.. net.Nodes.Where(node => node != lost)];
        foreach (var node in rest)
            net.Cut(lost, node);
        foreach (var node in rest)
            node.Stop();
        net.RunUntil("they stop", () => rest.All(node => node.IsStopped));
        foreach (var node in net.Nodes)
            net.Kill(node);
        foreach (var node in rest)
            node.Start();
        net.RunUntil("two", () => net.AllVote(rest));
    }

    [Fact]
    public void WhatAMemberLacksIsKeptBehindACheckpointToo()
    {
        var net = Founded(2, options => options with { CheckpointEveryBytes = 2000 });
        var sequencer = net.Nodes.First(node => node.Self.Node == net[0].Machine!.View!.Sequencer);
        var other = net.Nodes.First(node => node != sequencer);
        net.Cut(sequencer, other);
        for (var i = 0; i < 60; i++)
        {
            sequencer.Submit(Delivery.Ordered, $"a message that only one of the two has {i}");
            net.Run(5);
        }

        net.RunUntil("a checkpoint", () => sequencer.Records.Any(record => record.Kind == PersistRecordKind.Prune));
        net.Run(2000);
        net.Kill(sequencer);
        sequencer.Forget();
        sequencer.Start();
        net.Heal();
        net.RunUntil("both again", () => net.AllVote(sequencer, other));
        net.CheckSameOrder();
    }

    [Fact]
    public void AmnesiacsCountOnlyWhenTheyAreTheMajority()
    {
        var net = Founded(3);
        net[0].Submit(Delivery.Safe, "safe");
        net.RunUntil("delivery", () => net.Nodes.All(node => node.Consumer.State.Count == 2));
        foreach (var node in net.Nodes)
            net.Kill(node);
        net[1].Start(isSameBoot: false);
        net[2].Start(isSameBoot: false);
        net.RunUntil("two", () => net.AreTogether(net[1], net[2]));
    }

    [Fact]
    public void AnAmnesiacMustWaitForAMajorityOfThoseWhoRemember()
    {
        var net = Founded(3);
        net[0].Submit(Delivery.Safe, "safe");
        net.RunUntil("delivery", () => net.Nodes.All(node => node.Consumer.State.Count == 2));
        foreach (var node in net.Nodes)
            net.Kill(node);
        net[1].Start(isSameBoot: false);
        net[2].Start();
        net.Run(6000);
        Assert.False(net[1].Machine!.IsMember);
        Assert.False(net[2].Machine!.IsMember);
        net[0].Start();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        Assert.All(net.Nodes, node => Assert.Contains(node.Consumer.State, line => line.EndsWith("safe", StringComparison.Ordinal)));
    }

    [Fact]
    public void ADiskThatIsSlowForAMomentCostsNobodyItsVote()
    {
        var net = Founded(3, Small);
        Follower(net).IsDiskStalled = true;
        Flood(net, 300);
        Follower(net).IsDiskStalled = false;
        Flood(net, 2000);
        Assert.Equal(1UL, net[0].Machine!.View!.Epoch);
        net.CheckSameOrder();
    }

    [Fact]
    public void ADiskThatIsSlowerThanTheOthersDoesNotSetTheirPace()
    {
        var usual = Founded(3, Small);
        var slow = Founded(3, Small);
        var one = Follower(slow);
        one.FlushMs = 1000;
        var (before, after) = (Flood(usual, 20_000), Flood(slow, 20_000));
        Assert.True(after > before / 2, $"{after} messages with a slow disk, {before} without");
        Assert.True(slow.Nodes.TrueForAll(node => node.Machine!.RetainedBytes < 2_000_000));
        one.FlushMs = 0;
        slow.RunUntil("three again", () => slow.AllVote([.. slow.Nodes]));
        slow.CheckSameOrder();
    }

    [Fact]
    public void DisksThatAreAllSlowSetThePaceAndNobodyLosesItsVote()
    {
        var net = Founded(3, Small);
        for (var i = 0; i < 3; i++)
            net[i].FlushMs = 400 + (20 * i);
        Assert.InRange(Flood(net, 20_000), 500, 3000);
        Assert.Equal(1UL, net[0].Machine!.View!.Epoch);
    }

    private static MemoryNode Sequencer(MemoryNet net) => net.Nodes.Single(node => node.Self.Node == net[0].Machine!.View!.Sequencer);

    private static MemoryNode Follower(MemoryNet net) => net.Nodes.First(node => node != Sequencer(net));

    private static NodeOptions Small(NodeOptions options) => options with { MaxLagBytes = 200_000, MaxMessageBytes = 10_000, MaxUnsequencedBytes = 100_000 };

    /// <summary>As much as there is room for; returns how many messages the sequencer delivered.</summary>
    private static int Flood(MemoryNet net, int ms)
    {
        var sequencer = Sequencer(net);
        var before = sequencer.Consumer.State.Count;
        var text = new string('x', 1000);
        for (var i = 0; i < ms; i += 5)
        {
            if (sequencer.Consumer.Log.HasRoom)
                sequencer.Submit(Delivery.Ordered, text);
            net.Run(5);
        }

        return sequencer.Consumer.State.Count - before;
    }

    private static MemoryNet Founded(int count, Func<NodeOptions, NodeOptions>? change = null)
    {
        var net = new MemoryNet(11, count, change);
        net.StartAll();
        net.RunUntil("a first view", () => net.AreTogether([.. net.Nodes]));
        net.Run(100);
        return net;
    }
}
