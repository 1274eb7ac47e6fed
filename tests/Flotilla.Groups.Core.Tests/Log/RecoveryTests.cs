using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>What a node makes of what it has when it is not in a view.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public void OneThatIsForcedAfterAnUnfinishedFoundingBeginsEmpty()
    {
        var net = new MemoryNet(1, 3);
        net.StartAll();
        net.RunUntil("acceptance", () => net.Nodes.All(node => node.Records.Exists(record => record.Kind == PersistRecordKind.Accepted)));
        PartAll(net);
        net.Run(100);
        foreach (var node in net.Nodes)
            net.Kill(node);
        net.Heal();
        net[1].Wipe();
        net[2].Wipe();
        foreach (var node in net.Nodes)
            node.Start();
        net.RunUntil("the advice", () => net.Nodes.SelectMany(node => node.Events).Any(line => line.Contains("force a bootstrap", StringComparison.Ordinal)));
        net[0].Do(new ForceBootstrap());
        net.RunUntil("one with its state", () => net[0].Machine!.IsMember && net[0].Consumer is { NeedsState: null, View: not null });
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
    }

    [Fact]
    public void OneThatIsForcedPassesOverTheEpochOfAViewItOnlyHeardOf()
    {
        var net = new MemoryNet(1, 3);
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        PartAll(net);
        var view = net[0].Machine!.View!;
        net[0].Take(net[1].Self.Node, Install(view with { Epoch = view.Epoch + 1, StartSequence = view.StartSequence + 50 }));
        net.Kill(net[1]);
        net.Kill(net[2]);
        net.Run(1000);
        Assert.Equal(view.Epoch, net[0].Machine!.View!.Epoch);
        net[0].Do(new ForceBootstrap());
        net.RunUntil("alone", () => net.AreTogether(net[0]));
        Assert.Equal(view.Epoch + 2, net[0].Machine!.View!.Epoch);
    }

    [Fact]
    public void AProbeIsNotAnsweredBeforeTheFirstView()
    {
        var net = new MemoryNet(1, 3);
        net[0].Start();
        net[1].Start();
        net.Run(1000);
        Assert.Null(net[0].Machine!.View);
        var builder = new FrameBuilder();
        new ProbeFrame(0, 1).Write(builder);
        net[0].Take(net[1].Self.Node, [(byte)FrameType.Probe, .. builder.Body]);
        Assert.DoesNotContain(net[0].TakeFrames(), sent => sent.Frame[0] == (byte)FrameType.ProbeAnswer);
    }

    [Fact]
    public void AStateOnDiskIsVoidOnceTheLogGoesOnBehindAGap()
    {
        var net = new MemoryNet(1, 3);
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        var view = net[0].Machine!.View!;
        foreach (var node in net.Nodes)
            net.Kill(node);
        net[0].Start();
        net[1].Start();
        PartAll(net);
        net.Run(100);
        var state = net[0].Machine!.Log.State;
        Assert.True(state is { IsMember: false, CanRecover: true });
        var gap = state.Log.Head + 50;
        net[0].Take(net[1].Self.Node, Install(view with { Epoch = view.Epoch + 1, StartSequence = gap + 1 }));
        var builder = new FrameBuilder();
        new EntriesFrame { Ballot = new Ballot(view.Epoch + 1, 0, default), Before = gap, BeforeEpoch = view.Epoch, KeptFrom = gap + 1 }.WriteHeader(builder);
        net[0].Take(net[1].Self.Node, [(byte)FrameType.Entries, .. builder.Body]);
        Assert.Equal(gap, state.Log.BaseSequence);
        Assert.False(state.CanRecover);
    }

    [Fact]
    public void ANewcomerIsToldWhatTheDiskHasOfItsEarlierLife()
    {
        var net = new MemoryNet(1, 3);
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        var node = net[2];
        node.Submit(Delivery.SafeDurable, "before a checkpoint");
        net.RunUntil("delivery", () => node.Consumer.State[^1].EndsWith("checkpoint", StringComparison.Ordinal));
        node.Consumer.OnCheckpointDue();
        node.Submit(Delivery.SafeDurable, "after it");
        net.RunUntil("delivery", () => node.Consumer.State[^1].EndsWith("after it", StringComparison.Ordinal));
        var (state, epoch) = (node.Consumer.State, node.Machine!.View!.Epoch);
        net.Kill(node);
        net.RunUntil("two", () => net.AreTogether(net[0], net[1]));

        // It is taken in, and dies before it has written a checkpoint of its own: what it had is behind a gap in its log now.
        node.Start();
        net.RunUntil("a view with it", () => node.Machine!.IsMember);
        Assert.Equal(state, node.Consumer.Aside.Take(state.Count));
        net.RunUntil("its view on disk", () => node.Records.Exists(record => record.Kind == PersistRecordKind.Installed && record.Sequence > epoch && record.Body[0] == 1));
        net.Kill(node);
        var records = node.Records.FindLastIndex(record => record.Kind == PersistRecordKind.Installed && record.Body[0] == 1) + 1;
        node.Records.RemoveRange(records, node.Records.Count - records);
        net.RunUntil("two", () => net.AreTogether(net[0], net[1]));
        node.Start();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        Assert.Equal(state, node.Consumer.Aside.Take(state.Count));
        net.CheckSameOrder();
    }

    [Fact]
    public void WhatTheDiskHasIsKeptWhenTheViewComesBeforeAnyEntryAndThroughAnotherStart()
    {
        var net = new MemoryNet(1, 3);
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        var node = net[2];
        node.Submit(Delivery.SafeDurable, "of the earlier life");
        net.RunUntil("delivery", () => node.Consumer.State[^1].EndsWith("life", StringComparison.Ordinal));
        node.Consumer.OnCheckpointDue();
        net.Run(100);
        var (state, view, gap) = (node.Consumer.State, node.Machine!.View!, node.Machine!.Log.State.Log.Head + 50);
        for (var life = 1U; life <= 2; life++)
        {
            net.Kill(node);
            node.Start();
            PartAll(net);
            net.Run(100);
            var members = view.Members.Select(member => member.Id.Node == node.Self.Node ? member with { Id = node.Self, Role = MemberRole.Learner } : member);
            node.Take(net[0].Self.Node, Install(view with { Epoch = view.Epoch + life, StartSequence = gap + (10 * life), Members = [.. members], Sequencer = net[0].Self.Node }));
            Assert.True(node.Machine!.IsMember);
            Assert.Equal(state, node.Consumer.Aside);
            net.Run(100);
        }
    }

    private static void PartAll(MemoryNet net)
    {
        net.Cut(net[0], net[1]);
        net.Cut(net[0], net[2]);
        net.Cut(net[1], net[2]);
    }

    private static byte[] Install(ClusterView view)
    {
        var builder = new FrameBuilder();
        ViewCodec.Write(builder, new DecidedView(view, [.. view.Members.Select(_ => 0UL)]));
        return [(byte)FrameType.Install, .. builder.Body];
    }
}
