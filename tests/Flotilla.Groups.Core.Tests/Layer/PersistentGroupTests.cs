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
