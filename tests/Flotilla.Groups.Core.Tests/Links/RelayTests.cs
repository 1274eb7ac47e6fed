using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Links;

public sealed class RelayTests
{
    [Fact]
    public void ARelayHandsOnOnlyWhatTheOriginGaveItItself()
    {
        var world = new LinkWorld(4);
        world.Nodes[2].Take(world.Nodes[1], Relayed(world, origin: 0, destination: 3));
        world.Run(5);
        Assert.Empty(world.Nodes[3].Received);
        Assert.Contains(world.Nodes[2].Events, happened => happened.Kind == NodeEventKind.BadFrame);
        world.Nodes[2].Take(world.Nodes[0], Relayed(world, origin: 0, destination: 3));
        world.Run(5);
        Assert.Equal([world.Nodes[0].Id.Node], world.Nodes[3].Received);
    }

    [Fact]
    public void ARelayThatHasLostTheDestinationGivesTheFrameToNobodyElse()
    {
        var world = new LinkWorld(4);
        world.Nodes[2].PeerDown(world.Nodes[3], PeerLoss.Broken);
        world.Nodes[3].PeerDown(world.Nodes[2], PeerLoss.Broken);
        Assert.NotEqual(default, world.Nodes[2].Links.NextHop(world.Nodes[3].Id.Node));
        world.Nodes[2].Take(world.Nodes[0], Relayed(world, origin: 0, destination: 3));
        world.Run(5);
        Assert.Empty(world.Nodes[3].Received);
    }

    [Fact]
    public void AFrameThatComesBackToItsOriginIsDropped()
    {
        var world = new LinkWorld(3);
        world.Nodes[0].Take(world.Nodes[1], Relayed(world, origin: 0, destination: 0));
        Assert.Empty(world.Nodes[0].Received);
    }

    private static byte[] Relayed(LinkWorld world, int origin, int destination)
    {
        var queue = new ByteQueue();
        RelayFrame.Write(queue, world.Nodes[origin].Id.Node, world.Nodes[destination].Id.Node, FrameType.Direct, [1]);
        return queue.ToArray()[4..];
    }
}
