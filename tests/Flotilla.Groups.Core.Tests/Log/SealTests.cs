using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>What a member that promised says to the sequencer it had.</summary>
public sealed class SealTests
{
    // Of five A, B and C promise to A, which alone accepts its view. Then D, the only one that has the sequencer's last message, makes B and C fetch it, and nobody accepts
    // that. A's view can be decided, so what B and C have now is no vote for the message.
    [Fact]
    public void WhatASealedVoterFetchedForABallotIsNotAcknowledged()
    {
        var net = new MemoryNet(11, 5);
        net.StartAll();
        net.RunUntil("five", () => net.AllVote([.. net.Nodes]));
        net.Run(100);
        var view = net[0].Machine!.View!;
        var s = net.Nodes.Single(node => node.Self.Node == view.Sequencer);
        var rest = net.Nodes.Where(node => node != s).ToList();
        var (a, b, c, d) = (rest[0], rest[1], rest[2], rest[3]);
        MemoryNode[] two = [b, c];
        var head = s.Machine!.Log.State.Log.Head;
        foreach (var node in new[] { a, b, c })
            net.Cut(s, node);
        s.Submit(Delivery.Safe, "x");
        net.Run(30);
        Assert.Equal(head + 1, d.Machine!.Log.State.Log.Head);

        var before = new DecidedView(view, [0, 0, 0, 0, 0]);
        var (ballotOfA, ballotOfD) = (new Ballot(view.Epoch + 1, 5, a.Self.Node), new Ballot(view.Epoch + 1, 9, d.Self.Node));
        foreach (var node in two)
            node.Take(a.Self.Node, Frame(FrameType.Prepare, new PrepareFrame(ballotOfA, before).Write));
        a.Take(b.Self.Node, Frame(FrameType.Accept, new AcceptFrame(ballotOfA, Next(view, head + 1, a, b, c)).Write));
        net.Run(15);
        foreach (var node in two)
            node.Take(d.Self.Node, Frame(FrameType.Prepare, new PrepareFrame(ballotOfD, before).Write));
        net.Run(15);
        foreach (var node in two)
            node.Take(d.Self.Node, Frame(FrameType.Accept, new AcceptFrame(ballotOfD, Next(view, head + 2, d, a, b, c)).Write));
        net.Run(15);
        Assert.All(two, node => Assert.True(node.Machine!.Log.State is { IsSealed: true } state && state.Log.Head == head + 1 && state.AcceptedBallot.Epoch <= view.Epoch));
        Assert.Equal(ballotOfA, a.Machine!.Log.State.AcceptedBallot);

        net.Heal();
        net.Cut(s, a);
        net.Run(120);
        Assert.False(HasX(s));
        net.Kill(d);
        net.Kill(s);
        net.RunUntil("three go on", () => net.AreTogether(a, b, c));
        Assert.All([a, b, c], node => Assert.False(HasX(node)));
    }

    private static bool HasX(MemoryNode node) => node.Consumer.State.Any(line => line.EndsWith("x", StringComparison.Ordinal));

    /// <summary>A view of some, the first its sequencer.</summary>
    private static DecidedView Next(ClusterView view, ulong start, params MemoryNode[] stay)
        => new(
            view with { Epoch = view.Epoch + 1, StartSequence = start, Sequencer = stay[0].Self.Node, Members = [.. view.Members.Where(member => stay.Any(node => node.Self == member.Id))] },
            [.. stay.Select(_ => 0UL)]);

    private static byte[] Frame(FrameType type, Action<FrameBuilder> write)
    {
        var builder = new FrameBuilder();
        write(builder);
        return [(byte)type, .. builder.Body];
    }
}
