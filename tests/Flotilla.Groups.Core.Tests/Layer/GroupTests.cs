namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class GroupTests
{
    [Fact]
    public void MembersAreListedByAgeAtAllOfThem()
    {
        var world = new LayerWorld().With(3);
        foreach (var node in new[] { world.Nodes[2], world.Nodes[0], world.Nodes[1] })
        {
            node.Join("g");
            world.Run();
        }

        foreach (var node in world.Nodes)
            Assert.Equal([3UL, 1, 2], node.LastView(1).Members.Select(member => member.Id.Node.Value));
        world.CheckTables();
    }

    [Fact]
    public void EachViewSaysWhoJoinedAndWhoLeft()
    {
        var (world, a, b) = Two();
        Assert.Equal(b.Self, Assert.Single(a.LastView(1).Joined));
        Assert.Equal(2UL, a.LastView(1).Number);
        var leave = b.Do(new LeaveGroup(1));
        world.Run();
        Assert.Equal(CommandResult.Done, b.End(leave)!.Result);
        Assert.Equal(b.Self, Assert.Single(a.LastView(1).Left));
        Assert.Equal(3UL, a.LastView(1).Number);
    }

    [Fact]
    public void AMemberWhoseNodeLeavesTheClusterLeavesItsGroupsInThatView()
    {
        var (world, a, b) = Two();
        world.Kill(b);
        world.Run();
        Assert.Equal(a.Self, Assert.Single(a.LastView(1).Members).Id);
        Assert.Equal(world.Epoch, a.LastView(1).Epoch);
    }

    [Fact]
    public void SeveralGroupsAreJoinedAtOnePosition()
    {
        var world = new LayerWorld().With(2);
        var token = world.Nodes[0].Do(new JoinGroup([new GroupJoin("a"), new GroupJoin("b"), new GroupJoin("c")]));
        world.Run();
        var views = world.Nodes[0].Seen.Where(seen => seen.Kind == GroupDeliveryKind.View).ToList();
        Assert.Equal(["a", "b", "c"], views.Select(seen => seen.View!.Group));
        Assert.Single(views.Select(seen => seen.Sequence).Distinct());
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
        Assert.Equal([1UL, 2, 3], world.Nodes[0].Ended.Where(ended => ended.Result == CommandResult.Partial).Select(ended => ended.Number));
    }

    [Fact]
    public void AMessageReachesTheMembersOfItsGroupOnly()
    {
        var (world, a, b) = Two();
        var outsider = world.Join();
        outsider.Join("other");
        world.Run();
        a.Send(1, "hello");
        world.Run();
        Assert.Equal("hello", Assert.Single(a.Messages(1)).Body);
        Assert.Equal("hello", Assert.Single(b.Messages(1)).Body);
        Assert.Empty(outsider.Messages(1));
    }

    [Theory]
    [InlineData(Delivery.Fifo), InlineData(Delivery.Causal), InlineData(Delivery.Ordered), InlineData(Delivery.Safe), InlineData(Delivery.SafeDurable)]
    public void ASendEndsWithItsPositionWhenItIsDelivered(Delivery delivery)
    {
        var (world, a, b) = Two();
        var token = a.Send(1, "x", delivery);
        Assert.Null(a.End(token));
        world.Run();
        Assert.Equal(b.Messages(1).Single().Sequence, a.End(token)!.Number);
        Assert.Equal(delivery, world.Log[^1].Delivery);
    }

    [Fact]
    public void ARawMessageGoesStraightToTheMembersAndMayBeLost()
    {
        var (world, a, b) = Two();
        var before = world.Log.Count;
        a.Send(1, "gossip", Delivery.Raw);
        world.Run();
        Assert.Equal(a.Self, b.Messages(1).Single().Sender);
        world.Passes = (_, _, _) => false;
        a.Send(1, "lost", Delivery.Raw);
        world.Run();
        Assert.Equal(["gossip", "lost"], a.Messages(1).Select(seen => seen.Body));
        Assert.Single(b.Messages(1));
        Assert.Equal(before, world.Log.Count);
    }

    [Fact]
    public void ARawMessageOfAnEarlierLifeIsNotTakenForOneOfTheNext()
    {
        var (world, a, b) = Two();
        b.Send(1, "of the earlier life", Delivery.Raw);
        var late = b.TakeFrames().Single(frame => frame.To == a.Self.Node).Body;
        world.Evict(b);
        world.Run();
        world.Return(b);
        world.RunFor(100);
        a.Layer.OnDirect(b.Self.Node, late);
        Assert.Empty(a.Messages(1));
        b.Send(1, "of this life", Delivery.Raw);
        world.Run();
        Assert.Equal(b.Self, a.Messages(1).Single().Sender);
    }

    [Fact]
    public void AMessageToAGroupThisNodeIsNotInIsRefused()
    {
        var world = new LayerWorld().With(1);
        Assert.Equal(CommandResult.Refused, world.Nodes[0].End(world.Nodes[0].Send(7, "x"))!.Result);
    }

    [Fact]
    public void WithoutRoomMessagesWaitInOrderAndThenAreRefused()
    {
        var world = new LayerWorld { Configure = options => options with { MaxUnsequencedBytes = 100 } }.With(1);
        var node = world.Nodes[0];
        var group = node.Join("g");
        world.Run();
        node.HasRoom = false;
        ulong[] tokens = [.. Enumerable.Range(0, 20).Select(number => node.Send(group, "message " + number))];
        Assert.Contains("waits to be sent", node.End(tokens[^1])!.Reason);
        node.HasRoom = true;
        node.Layer.OnRoom();
        world.Run();
        var taken = tokens.Count(token => node.End(token)!.Result == CommandResult.Done);
        Assert.InRange(taken, 2, 19);
        Assert.Equal(Enumerable.Range(0, taken).Select(number => "message " + number), node.Messages(group).Select(seen => seen.Body));
    }

    [Fact]
    public void AnEvictedNodeLosesItsGroupsAndJoinsThemAgainByItself()
    {
        var (world, a, b) = Two();
        world.Evict(b);
        world.Run();
        Assert.Equal(GroupDeliveryKind.Reset, b.Seen[^1].Kind);
        world.Return(b);
        world.RunFor(100);
        Assert.Equal([a.Self, b.Self], a.LastView(1).Members.Select(member => member.Id));
        Assert.Equal([a.Self, b.Self], b.LastView(1).Members.Select(member => member.Id));
        Assert.Equal(2U, b.Self.Incarnation);
        world.CheckTables();
    }

    [Fact]
    public void WhatWasNotDeliveredWhenANodeIsEvictedIsIndeterminateAndWhatWasNotSentIsRefused()
    {
        var (world, _, b) = Two();
        var sent = b.Send(1, "sent");
        b.HasRoom = false;
        var held = b.Send(1, "held");
        b.IsStalled = true;
        world.Run();
        world.Evict(b);
        Assert.Equal(CommandResult.Indeterminate, b.End(sent)!.Result);
        Assert.Equal(CommandResult.Refused, b.End(held)!.Result);
        Assert.Contains("not sent", b.End(held)!.Reason);
    }

    [Fact]
    public void AGroupThatEverybodyLeftIsForgottenAndItsNumberNotGivenAgain()
    {
        var (world, a, b) = Two();
        a.Do(new LeaveGroup(1));
        b.Do(new LeaveGroup(1));
        world.Run();
        Assert.Empty(a.Layer.Tables.Groups);
        a.Join("g");
        world.Run();
        Assert.Equal(2U, Assert.Single(b.Layer.Tables.Groups).Number);
    }

    [Fact]
    public void TheSameGroupCannotBeJoinedTwice()
    {
        var (_, a, _) = Two();
        Assert.Contains("already", a.End(a.Do(new JoinGroup("g")))!.Reason);
    }

    [Fact]
    public void AJoinBeforeTheClusterIsThereWaitsForIt()
    {
        var world = new LayerWorld().With(1);
        var late = world.Create();
        late.Join("g");
        world.Run();
        world.Welcome(late);
        world.RunFor(50);
        Assert.Equal(late.Self, Assert.Single(late.LastView(1).Members).Id);
    }

    private static (LayerWorld World, LayerNode A, LayerNode B) Two()
    {
        var world = new LayerWorld().With(2);
        foreach (var node in world.Nodes)
        {
            node.Join("g");
            world.Run();
        }

        return (world, world.Nodes[0], world.Nodes[1]);
    }
}
