using Flotilla.Groups.Core.Layer;

namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class PersistentGroupTests
{
    [Fact]
    public void AfterATotalFailureTheStateComesBackFromCheckpointAndLog()
    {
        var world = Filled(2, 3);
        Checkpoint(world);
        world.Nodes[0].Send(1, "after");
        world.Run();
        var next = world.Restart();
        foreach (var node in next.Nodes)
        {
            node.Join("g", GroupStateKind.Persistent);
            next.RunFor(200);
        }

        Assert.Equal("m0,m1,m2,after", next.Nodes[0].StateOf(1));
        Assert.Equal("m0,m1,m2,after", next.Nodes[1].StateOf(1));
        Assert.True(next.Nodes[0].Messages(1).Single().IsReplay);
        Assert.Equal([GroupDeliveryKind.LoadCheckpoint, GroupDeliveryKind.Message, GroupDeliveryKind.View], next.Nodes[0].Seen.Select(seen => seen.Kind).Distinct().Take(3));
        next.CheckTables();
    }

    [Fact]
    public void WithoutACheckpointTheLogAloneBringsItBack()
    {
        var world = Filled(1, 3);
        world.Nodes[0].Disk.Clear();
        var next = world.Restart();
        next.Nodes[0].Join("g", GroupStateKind.Persistent);
        next.RunFor(200);
        Assert.Equal("m0,m1,m2", next.Nodes[0].StateOf(1));
    }

    [Fact]
    public void ANodeWithoutTheStateWaitsForOneThatHasIt()
    {
        var world = Filled(2, 3);
        Checkpoint(world);
        var next = world.Restart(keepsDisk: node => node.Self.Node.Value == 2);
        next.RunFor(500);
        var token = next.Nodes[0].Do(new JoinGroup("g", GroupStateKind.Persistent));
        next.RunFor(5000);
        Assert.Null(next.Nodes[0].End(token));
        Assert.Contains(next.Nodes[0].Reports, report => report.Kind == NodeEventKind.Waiting && report.Text!.Contains(next.Nodes[1].Self.Node.ToString()));
        next.Nodes[1].Join("g", GroupStateKind.Persistent);
        next.RunFor(1000);
        Assert.Equal(CommandResult.Done, next.Nodes[0].End(token)!.Result);
        Assert.Equal("m0,m1,m2", next.Nodes[0].StateOf(1));
    }

    [Fact]
    public void WhileNobodyHasTheStateNothingIsAddedToItAndItComesBack()
    {
        var world = Filled(2, 3);
        Checkpoint(world);
        var next = world.Restart(keepsDisk: node => node.Self.Node.Value == 2);
        next.RunFor(500);
        next.Nodes[0].Do(new JoinGroup("g", GroupStateKind.Persistent));
        next.RunFor(5000);
        var early = next.Nodes[0].Send(1, "too early");
        var query = next.Nodes[0].Do(new QueryGroup(1, "anybody"u8.ToArray()));
        next.RunFor(500);
        Assert.Equal(CommandResult.Refused, next.Nodes[0].End(early)!.Result);
        Assert.Contains("state", next.Nodes[0].End(early)!.Reason);
        Assert.Contains(next.Nodes[0].Reports, report => report.Kind == NodeEventKind.Waiting && report.Text!.Contains("DiscardStateAsync"));
        next.Nodes[1].Join("g", GroupStateKind.Persistent);
        next.RunFor(1000);
        Assert.NotNull(next.Nodes[0].End(query));
        Assert.Equal("m0,m1,m2", next.Nodes[0].StateOf(1));
        next.Nodes[0].Send(1, "in time");
        next.RunFor(100);
        Assert.Equal("m0,m1,m2,in time", next.Nodes[1].StateOf(1));
    }

    [Fact]
    public void AStateThatMissedMessagesIsNotTakenForTheStateOfAll()
    {
        var world = Filled(2, 3);
        Checkpoint(world);
        world.Nodes[1].Do(new LeaveGroup(1));
        world.Run();
        world.Nodes[0].Send(1, "missed by the second");
        world.Run();
        var next = world.Restart();
        next.Nodes[1].Join("g", GroupStateKind.Persistent);
        next.RunFor(1000);
        Assert.Empty(next.Nodes[1].Seen);
        next.Nodes[0].Join("g", GroupStateKind.Persistent);
        next.RunFor(1000);
        Assert.EndsWith("missed by the second", next.Nodes[1].StateOf(1));
    }

    [Fact]
    public void TheLastToLeaveInGoodOrderKeepsTheState()
    {
        var world = Filled(1, 3);
        Checkpoint(world);
        world.Nodes[0].Do(new LeaveGroup(1));
        world.Run();
        var next = world.Restart();
        next.Nodes[0].Join("g", GroupStateKind.Persistent);
        next.RunFor(200);
        Assert.Equal("m0,m1,m2", next.Nodes[0].StateOf(1));
    }

    [Fact]
    public void TheLastHolderBringsTheStateBackToAClusterThatLivedOnWithoutIt()
    {
        var (world, holder, other) = OneHolderLost();
        var back = world.ComeBack(holder);
        back.Join("g", GroupStateKind.Persistent);
        world.RunFor(500);
        Assert.Equal("m0,m1,m2,last", back.StateOf(1));
        Assert.Equal("m0,m1,m2,last", other.StateOf(1));
        other.Send(1, "on");
        world.Run();
        Assert.Equal("m0,m1,m2,last,on", back.StateOf(1));
        world.CheckTables();
    }

    [Fact]
    public void WhatOnlyTheLastHolderWasDeliveredIsLeftOutWhenItComesBack()
    {
        var (world, holder, other) = OneHolderLost();
        var message = new LayerWriter();
        new LayerEntry { Kind = LayerEntryKind.Message, Group = 1, Payload = "in no view that followed"u8 }.Write(message);
        var back = world.ComeBack(holder, [new WorldEntry(Delivery.Ordered, message.Written.ToArray(), holder.Self, 100, null, 1)]);
        back.Join("g", GroupStateKind.Persistent);
        world.RunFor(500);
        Assert.Equal("m0,m1,m2,last", back.StateOf(1));
        Assert.Equal("m0,m1,m2,last", other.StateOf(1));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void AMessageWithThePositionOfTheLastOneButOfAnotherEpochIsNotTakenForIt(bool isInCheckpoint)
    {
        var world = Filled(2, 3);
        Checkpoint(world);
        var (first, second) = (world.Nodes[0], world.Nodes[1]);
        second.IsStalled = true;
        first.Send(1, "in no view");
        first.Send(1, "that followed");
        world.Run();
        if (isInCheckpoint)
            first.Layer.OnCheckpointDue();
        world.Run();
        var end = world.Log.TakeLast(2).ToList();
        world.Log.RemoveRange(world.Log.Count - 2, 2);
        var place = first.DeliveredTo;
        first.DeliveredTo -= 2;
        second.IsStalled = false;
        world.Kill(first);
        second.Send(1, "at the place of the second");
        world.Join();
        world.RunFor(500);
        Assert.Equal(place, second.Layer.Tables.Find("g")!.LastSequence);
        world.Kill(second);
        var back = world.ComeBack(first, end);
        back.Join("g", GroupStateKind.Persistent);
        world.RunFor(1000);
        Assert.Empty(back.Seen);
        world.ComeBack(second).Join("g", GroupStateKind.Persistent);
        world.RunFor(1000);
        Assert.Equal("m0,m1,m2,at the place of the second", back.StateOf(1));
    }

    [Fact]
    public void AStateThatCameBackIsOnDiskBeforeOthersCountOnIt()
    {
        var (world, holder, _) = OneHolderLost();
        var back = world.ComeBack(holder);
        back.AwaitsCheckpoint = true;
        back.Join("g", GroupStateKind.Persistent);
        world.RunFor(500);
        Assert.Empty(back.Seen);
        back.Layer.OnCheckpointDue();
        back.AwaitsCheckpoint = false;
        world.RunFor(500);
        Assert.Equal("m0,m1,m2,last", back.StateOf(1));
    }

    [Fact]
    public void AStateThatWaitsForItsProgramIsInTheNextCheckpoint()
    {
        var (world, holder, other) = OneHolderLost();
        var idle = world.ComeBack(holder);
        world.RunFor(100);
        idle.Disk.RemoveAll(piece => piece.Sequence < idle.DeliveredTo);
        idle.Layer.OnCheckpointDue();
        world.Kill(idle);
        world.Run();
        var back = world.ComeBack(idle);
        back.Join("g", GroupStateKind.Persistent);
        world.RunFor(500);
        Assert.Equal("m0,m1,m2,last", back.StateOf(1));
        Assert.Equal("m0,m1,m2,last", other.StateOf(1));
    }

    [Fact]
    public void WhatADiskHadOfAnEarlierLifeIsOfNoUseOnceItsProgramGotTheStateFromAnother()
    {
        var world = Filled(2, 0);
        var (first, second) = (world.Nodes[0], world.Nodes[1]);
        Checkpoint(world);
        first.Send(1, "m");
        world.Run();
        world.Kill(first);
        world.Run();
        var back = world.ComeBack(first);
        world.RunFor(100);
        back.Layer.OnCheckpointDue();
        back.Join("g", GroupStateKind.Persistent);
        world.RunFor(500);
        Assert.Equal("m", back.StateOf(1));
        back.Layer.OnCheckpointDue();
        world.RunFor(500);
        world.Kill(second);
        var next = world.Restart();
        next.Nodes[0].Join("g", GroupStateKind.Persistent);
        next.RunFor(500);
        Assert.Equal("m", next.Nodes[0].StateOf(1));
        Assert.Equal(GroupDeliveryKind.LoadCheckpoint, next.Nodes[0].Seen[0].Kind);
        Assert.Empty(next.Nodes[0].Messages(1));
    }

    [Fact]
    public void TheLastHolderThatWasDroppedAliveBringsTheStateBack()
    {
        var world = Filled(1, 3);
        var holder = world.Nodes[0];
        var other = world.Join();
        world.RunFor(500);
        world.Evict(holder);
        other.Join("g", GroupStateKind.Persistent);
        world.RunFor(500);
        Assert.Equal("", other.StateOf(1));
        holder.RunApplication();
        Assert.Equal("", holder.StateOf(1));
        world.Return(holder);
        world.RunFor(500);
        Assert.Equal("m0,m1,m2", holder.StateOf(1));
        Assert.Equal("m0,m1,m2", other.StateOf(1));
    }

    [Fact]
    public void ANodeThatStopsDoesNotAskItsApplicationForTheState()
    {
        var world = Filled(1, 3);
        world.Join();
        world.RunFor(500);
        var holder = world.Nodes[0];
        var before = holder.Seen.Count;
        holder.IsLeaving = true;
        world.Evict(holder);
        Assert.DoesNotContain(holder.Seen.Skip(before), seen => seen.Kind == GroupDeliveryKind.MakeCheckpoint);
    }

    [Fact]
    public void OneThatWasDroppedDoesNotJoinBeforeItsApplicationGaveAwayTheStateItHad()
    {
        var world = Filled(1, 3);
        var holder = world.Nodes[0];
        var other = world.Join();
        world.RunFor(500);
        holder.IsApplicationStalled = true;
        world.Evict(holder);
        other.Join("g", GroupStateKind.Persistent);
        world.RunFor(500);
        world.Return(holder);
        world.RunFor(500);
        Assert.Single(other.Layer.Tables.Find("g")!.Seats);
        holder.IsApplicationStalled = false;
        world.RunFor(500);
        Assert.Equal("m0,m1,m2", other.StateOf(1));
    }

    [Fact]
    public void APersonMayGiveUpAStateThatDoesNotComeBack()
    {
        var world = Filled(2, 3);
        Checkpoint(world);
        var next = world.Restart(keepsDisk: node => node.Self.Node.Value == 2);
        next.RunFor(500);
        var join = next.Nodes[0].Do(new JoinGroup("g", GroupStateKind.Persistent));
        next.RunFor(1000);
        next.Nodes[0].Do(new DiscardState(1));
        next.RunFor(100);
        Assert.Equal(CommandResult.Done, next.Nodes[0].End(join)!.Result);
        next.Nodes[1].Join("g", GroupStateKind.Persistent);
        next.RunFor(1000);
        Assert.Equal("", next.Nodes[1].StateOf(1));
        Assert.DoesNotContain(next.Nodes[1].Seen, seen => seen.IsReplay);
    }

    [Fact]
    public void TheDictionaryComesBackWithTheTables()
    {
        var world = Filled(1, 0);
        world.Nodes[0].Do(new WriteDictionary(1, "k", new byte[] { 65 }));
        world.Run();
        Checkpoint(world);
        var next = world.Restart();
        next.Nodes[0].Join("g", GroupStateKind.Persistent);
        next.RunFor(200);
        Assert.Equal([(byte)65], next.Nodes[0].Open(1).Current["k"].Value.ToArray());
    }

    [Fact]
    public void ACheckpointWhoseApplicationFailsIsNotEnded()
    {
        var world = Filled(1, 3);
        var node = world.Nodes[0];
        Checkpoint(world);
        var ended = node.Disk.Count(piece => piece.IsLast);
        node.FailsCheckpoints = true;
        Checkpoint(world);
        Assert.Equal(ended, node.Disk.Count(piece => piece.IsLast));
        node.FailsCheckpoints = false;
        world.RunFor(11_000);
        Assert.Equal("m0,m1,m2", Restored(world));
        Assert.Equal(ended + 1, node.Disk.Count(piece => piece.IsLast));
    }

    [Fact]
    public void OneThatGotAPersistentStateWritesItToItsDiskAtOnce()
    {
        var world = Filled(2, 3);
        Assert.Contains(world.Nodes[1].Disk, piece => piece.IsLast);
    }

    // The state is on one disk, as a checkpoint and a message after it; the program of another node waits for it.
    private static (LayerWorld World, LayerNode Holder, LayerNode Other) OneHolderLost()
    {
        var world = Filled(1, 3);
        var holder = world.Nodes[0];
        var other = world.Join();
        world.RunFor(500);
        holder.Layer.OnCheckpointDue();
        world.Run();
        holder.Send(1, "last");
        world.Run();
        world.Kill(holder);
        other.Join("g", GroupStateKind.Persistent);
        world.RunFor(5000);
        Assert.Equal("", other.StateOf(1));
        Assert.Contains(other.Reports, report => report.Kind == NodeEventKind.Waiting);
        return (world, holder, other);
    }

    private static string Restored(LayerWorld world)
    {
        var next = world.Restart();
        next.Nodes[0].Join("g", GroupStateKind.Persistent);
        next.RunFor(200);
        return next.Nodes[0].StateOf(1);
    }

    private static void Checkpoint(LayerWorld world)
    {
        foreach (var node in world.Nodes)
            node.Layer.OnCheckpointDue();
        world.Run();
    }

    private static LayerWorld Filled(int nodes, int messages)
    {
        var world = new LayerWorld().With(nodes);
        foreach (var node in world.Nodes)
        {
            node.Join("g", GroupStateKind.Persistent);
            world.RunFor(200);
        }

        for (var i = 0; i < messages; i++)
            world.Nodes[0].Send(1, "m" + i);
        world.Run();
        return world;
    }
}
