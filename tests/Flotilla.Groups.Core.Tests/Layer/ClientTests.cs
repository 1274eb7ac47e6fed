using System.Text;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class ClientTests
{
    private static readonly ClientId Id = new(3, 4);

    [Fact]
    public void AClientSendsToAGroupItIsNoMemberOf()
    {
        var (world, output) = Connected();
        Send(world.Nodes[0], 1, "hi");
        world.Run();
        Assert.Equal("hi", world.Nodes[1].Messages(1).Single().Body);
        var sent = Take(output).Single(frame => frame.Type == ClientFrameType.Sent);
        Assert.Equal((1UL, CommandResult.Done, world.Nodes[1].Messages(1).Single().Sequence), (sent.Number, sent.Result, sent.Sequence));
    }

    [Fact]
    public void AClientThatGoesOnAtAnotherNodeDoublesNothing()
    {
        var (world, _) = Connected();
        Send(world.Nodes[0], 1, "one");
        Send(world.Nodes[0], 2, "two");
        world.Nodes[0].Layer.ClientDown(9);
        var output = Hello(world.Nodes[1], 5);
        Send(world.Nodes[1], 2, "two", client: 5);
        Send(world.Nodes[1], 3, "three", client: 5);
        world.Run();
        Assert.Equal(["one", "two", "three"], world.Nodes[1].Messages(1).Select(seen => seen.Body));
        Assert.All(Take(output).Where(frame => frame.Type == ClientFrameType.Sent), frame => Assert.Equal(CommandResult.Done, frame.Result));
        world.CheckTables();
    }

    [Fact]
    public void AMessageBeforeWhichOneIsMissingIsRefused()
    {
        var (world, output) = Connected();
        Send(world.Nodes[0], 1, "one");
        Send(world.Nodes[0], 3, "three");
        world.Run();
        Assert.Equal(["one"], world.Nodes[1].Messages(1).Select(seen => seen.Body));
        Assert.Contains("missing", Take(output).Single(frame => frame.Number == 3).Text);
    }

    [Fact]
    public void AClientAsksAndGetsEveryAnswerAndTheEnd()
    {
        var (world, output) = Connected();
        Frame(world.Nodes[0], 9, new ClientFrame { Type = ClientFrameType.Query, Number = 7, Delivery = Delivery.Ordered, Replies = QueryGroup.All, TimeoutMs = 1000, Group = "g", Payload = "?"u8 });
        world.Run();
        foreach (var node in world.Nodes)
            node.Do(new ReplyToQuery(node.Seen[^1].Correlation, Encoding.UTF8.GetBytes("a" + node.Self.Node.Value)));
        world.Run();
        var frames = Take(output);
        Assert.Equal(["a1", "a2"], frames.Where(frame => frame.Type == ClientFrameType.Answer).Select(frame => frame.Text).Order());
        Assert.Equal((7UL, CommandResult.Done), frames.Where(frame => frame.Type == ClientFrameType.QueryEnd).Select(frame => (frame.Number, frame.Result)).Single());
    }

    [Fact]
    public void AClientWatchesTheViewsOfAGroup()
    {
        var (world, output) = Connected();
        Frame(world.Nodes[0], 9, new ClientFrame { Type = ClientFrameType.Subscribe, Group = "g" });
        world.Kill(world.Nodes[1]);
        world.Run();
        Assert.Equal([2, 1], Take(output).Where(frame => frame.Type == ClientFrameType.View).Select(frame => frame.Members));
        Frame(world.Nodes[0], 9, new ClientFrame { Type = ClientFrameType.Unsubscribe, Group = "g" });
        world.Nodes[0].Do(new LeaveGroup(1));
        world.Run();
        Assert.DoesNotContain(Take(output), frame => frame.Type == ClientFrameType.View);
    }

    [Fact]
    public void AnEvictedNodeSendsItsClientsElsewhere()
    {
        var (world, output) = Connected();
        world.Evict(world.Nodes[0]);
        Assert.Contains(Take(output), frame => frame.Type == ClientFrameType.Redirect);
    }

    [Fact]
    public void AWelcomeNamesTheOtherNodes()
    {
        var world = Cluster();
        var frame = Assert.Single(Take(Hello(world.Nodes[0], 1)));
        Assert.Equal((ClientFrameType.Welcome, "a2"), (frame.Type, Assert.Single(frame.Addresses)));
    }

    [Theory]
    [InlineData("00"), InlineData("02"), InlineData("0102"), InlineData("46"), InlineData("ffff")]
    public void WhoeverSpeaksNonsenseIsToldSoOnceAndHeardNoMore(string hex)
    {
        var world = Cluster();
        var output = world.Nodes[0].ConnectClient(1);
        world.Nodes[0].Layer.ClientFrame(1, Convert.FromHexString(hex));
        Assert.Equal(ClientFrameType.Refused, Assert.Single(Take(output)).Type);
        Frame(world.Nodes[0], 1, new ClientFrame { Type = ClientFrameType.Hello, Client = Id });
        Assert.Empty(Take(output));
    }

    [Fact]
    public void AMessageToNobodyIsRefused()
    {
        var (world, output) = Connected();
        Frame(world.Nodes[0], 9, new ClientFrame { Type = ClientFrameType.Send, Number = 1, Delivery = Delivery.Ordered, Group = "nobody" });
        Assert.Contains("nobody", Take(output).Single(frame => frame.Type == ClientFrameType.Sent).Text);
    }

    private static LayerWorld Cluster()
    {
        var world = new LayerWorld().With(2);
        foreach (var node in world.Nodes)
        {
            node.Join("g");
            world.Run();
        }

        return world;
    }

    private static (LayerWorld World, ByteQueue Output) Connected()
    {
        var world = Cluster();
        return (world, Hello(world.Nodes[0], 9));
    }

    private static ByteQueue Hello(LayerNode node, uint client)
    {
        var output = node.ConnectClient(client);
        Frame(node, client, new ClientFrame { Type = ClientFrameType.Hello, Client = Id });
        return output;
    }

    private static void Send(LayerNode node, ulong number, string text, uint client = 9)
        => Frame(node, client, new ClientFrame { Type = ClientFrameType.Send, Number = number, Delivery = Delivery.Ordered, Group = "g", Payload = Encoding.UTF8.GetBytes(text) });

    private static void Frame(LayerNode node, uint client, in ClientFrame frame)
    {
        var queue = new ByteQueue();
        frame.Write(queue);
        node.Layer.ClientFrame(client, queue.ToArray().AsSpan(4));
    }

    private sealed record Taken(ClientFrameType Type, ulong Number, CommandResult Result, ulong Sequence, int Members, string[] Addresses, string Text);

    private static List<Taken> Take(ByteQueue output)
    {
        List<Taken> all = [];
        var bytes = output.ToArray();
        output.Clear();
        for (var at = 0; at < bytes.Length;)
        {
            var length = BitConverter.ToInt32(bytes, at);
            Assert.True(ClientFrame.TryRead(bytes.AsSpan(at + 4, length), out var frame));
            all.Add(new Taken(frame.Type, frame.Number, frame.Result, frame.Sequence, frame.Members.Length, [.. frame.Addresses], Encoding.UTF8.GetString(frame.Payload)));
            at += 4 + length;
        }

        return all;
    }
}
