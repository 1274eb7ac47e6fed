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
