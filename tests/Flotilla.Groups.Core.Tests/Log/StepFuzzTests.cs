using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>No frame of a peer ends a node, whatever the node is at.</summary>
public sealed class StepFuzzTests(ITestOutputHelper output)
{
    /// <summary>Frames one node takes before another, new one takes the next: some change it.</summary>
    private const int FramesPerNode = 64;

    private const ulong Seed = 11;

    private static readonly FrameType[] Decisions = [FrameType.Prepare, FrameType.Promise, FrameType.Accept, FrameType.Accepted, FrameType.Install, FrameType.Entries, FrameType.Relay];

    public static TheoryData<string> States => ["no view", "member", "sealed", "out"];

    [Theory, MemberData(nameof(States))]
    [Trait("tier", "full")]
    public void NoFrameEndsANode(string state)
    {
        MemoryNode? node = null;
        NodeId peer = default;
        var taken = 0;
        var options = new FuzzOptions { Inputs = 100_000, Budget = TimeSpan.FromSeconds(4), MaxAllocatedBytes = 256 << 20 };
        var report = Fuzzer.Run("groups-step-" + state.Replace(' ', '-'), [.. LogFrameTests.Examples, .. Recorded(), Probe(0)], input =>
        {
            if (taken++ % FramesPerNode == 0)
                (node, peer) = NodeThat(state);
            node!.Take(peer, input.ToArray());
            node.Tick();
        }, options);
        output.WriteLine(report.ToString());
    }

    private static (MemoryNode Node, NodeId Peer) NodeThat(string state)
    {
        var net = new MemoryNet(Seed, 3);
        var isAlone = state == "no view";
        foreach (var node in net.Nodes.SkipLast(isAlone ? 1 : 0))
            node.Start();
        if (isAlone)
            net.Run(100);
        else
            net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        var (taker, peer) = (net[0], net[1].Self.Node);
        taker.HearsNonsense = true;
        var builder = new FrameBuilder();
        if (state == "sealed")
        {
            var view = taker.Machine!.View!;
            new PrepareFrame(new Ballot(view.Epoch + 1, 9, peer), new DecidedView(view, [0, 0, 0])).Write(builder);
            taker.Take(peer, [(byte)FrameType.Prepare, .. builder.Body]);
        }
        else if (state == "out")
        {
            var view = taker.Machine!.View!;
            view = view with { Epoch = view.Epoch + 1, StartSequence = view.StartSequence + 9, Sequencer = peer, Members = [.. view.Members.Where(member => member.Id != taker.Self)] };
            ViewCodec.Write(builder, new DecidedView(view, [0, 0]));
            taker.Take(peer, [(byte)FrameType.Install, .. builder.Body]);
        }

        Assert.Equal(state is "member" or "sealed", taker.Machine!.IsMember);
        Assert.Equal(state is "no view", taker.Machine.View is null);
        Assert.Equal(state is "sealed", taker.Machine.Log.State.IsSealed);
        return (taker, peer);
    }

    /// <summary>
    /// Of a cluster like the one whose nodes take them: a few of every kind, from a founding and two changes of the view. Without those that carry a view or a vote: members
    /// trust each other, and a decided view that never was may end a node.
    /// </summary>
    private static IEnumerable<byte[]> Recorded()
    {
        var net = new MemoryNet(Seed, 3) { Sent = [] };
        net.StartAll();
        net.RunUntil("three", () => net.AllVote([.. net.Nodes]));
        net[0].Submit(Delivery.SafeDurable, "one");
        net[1].Submit(Delivery.Ordered, "two");
        net.Run(100);
        net.Kill(net[2]);
        net.RunUntil("two", () => net.AreTogether(net[0], net[1]));
        net[2].Start();
        net.RunUntil("three again", () => net.AllVote([.. net.Nodes]));
        return net.Sent.Where(frame => !Decisions.Contains((FrameType)frame[0])).GroupBy(frame => frame[0]).SelectMany(frames => frames.Where((_, i) => i % Math.Max(1, frames.Count() / 8) == 0).Take(8));
    }

    private static byte[] Probe(ulong epoch)
    {
        var builder = new FrameBuilder();
        new ProbeFrame(epoch, 1).Write(builder);
        return [(byte)FrameType.Probe, .. builder.Body];
    }
}
