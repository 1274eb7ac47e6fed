using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>No frame of a peer ends a node, whatever the node is at.</summary>
public sealed class StepFuzzTests
{
    /// <summary>Frames one node takes before another, new one takes the next: some change it.</summary>
    private const int FramesPerNode = 64;

    public static TheoryData<string> States => ["no view", "member", "sealed", "out"];

    [Theory, MemberData(nameof(States))]
    [Trait("tier", "full")]
    public void NoFrameEndsANode(string state)
    {
        MemoryNode? node = null;
        NodeId peer = default;
        var taken = 0;
        var options = new FuzzOptions { Inputs = 100_000, Budget = TimeSpan.FromSeconds(4), MaxAllocatedBytes = 256 << 20 };
        Fuzzer.Run("groups-step-" + state.Replace(' ', '-'), [.. LogFrameTests.Examples, .. ProbesOfThisEpoch()], input =>
        {
            if (taken++ % FramesPerNode == 0)
                (node, peer) = NodeThat(state);
            node!.Take(peer, input.ToArray());
            node.Tick();
        }, options);
    }

    private static (MemoryNode Node, NodeId Peer) NodeThat(string state)
    {
        var net = new MemoryNet(11, 3);
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

    private static IEnumerable<byte[]> ProbesOfThisEpoch()
    {
        for (ulong epoch = 0; epoch < 3; epoch++)
        {
            var builder = new FrameBuilder();
            new ProbeFrame(epoch, 1).Write(builder);
            yield return [(byte)FrameType.Probe, .. builder.Body];
        }
    }
}
