namespace Flotilla.Groups.Core.Tests.Layer;

/// <summary>Members whose applications do not keep up.</summary>
public sealed class StepBackTests
{
    [Fact]
    public void AMemberThatFallsBehindLeavesAndComesBackWithTheStateThatItMissed()
    {
        var (world, a, b, c) = Three(GroupStateKind.Transferred);
        b.IsApplicationStalled = true;
        a.Send(1, "before");
        b.Do(new FellBehind(1));
        world.Run();
        Assert.Equal([a.Self, c.Self], a.LastView(1).Members.Select(member => member.Id));
        Assert.Equal(b.Self, Assert.Single(a.LastView(1).Left));
        Assert.Equal(GroupDeliveryKind.Reset, b.Seen[^1].Kind);
        a.Send(1, "missed");
        world.RunFor(3000);
        Assert.Equal(["before"], b.Messages(1).Select(seen => seen.Body));
        b.IsApplicationStalled = false;
        b.Do(new CaughtUp(1));
        world.RunFor(500);
        c.Send(1, "after");
        world.RunFor(100);
        Assert.Equal("before,missed,after", b.StateOf(1));
        Assert.Equal([a.Self, c.Self, b.Self], b.LastView(1).Members.Select(member => member.Id));
        world.CheckTables();
    }

    [Fact]
    public void OneWithoutAStateMissesWhatWasSaidMeanwhileAndNothingElse()
    {
        var (world, a, b, _) = Three(GroupStateKind.None);
        a.Send(1, "before");
        b.Do(new FellBehind(1));
        world.Run();
        a.Send(1, "missed");
        world.Run();
        b.Do(new CaughtUp(1));
        world.RunFor(100);
        a.Send(1, "after");
        world.Run();
        Assert.Equal(["before", "after"], b.Messages(1).Select(seen => seen.Body));
    }

    [Fact]
    public void OneThatCaughtUpBeforeItWasOutIsBackAtOnce()
    {
        var (world, a, b, _) = Three(GroupStateKind.Transferred);
        b.Do(new FellBehind(1));
        b.Do(new CaughtUp(1));
        world.RunFor(500);
        a.Send(1, "after");
        world.RunFor(100);
        Assert.Equal("after", b.StateOf(1));
        Assert.Equal(b.Self, a.LastView(1).Members[^1].Id);
    }

    [Fact]
    public void WhenAllFallBehindAtOnceOneStaysAndKeepsTheState()
    {
        var (world, a, b, c) = Three(GroupStateKind.Transferred);
        a.Send(1, "kept");
        world.Run();
        foreach (var node in world.Nodes)
            node.Do(new FellBehind(1));
        world.RunFor(5000);
        var stays = Assert.Single(world.Nodes, node => node.Layer.Tables.Find(1)!.Find(node.Self) is not null);
        Assert.DoesNotContain(stays.Seen, seen => seen.Kind == GroupDeliveryKind.Reset);
        foreach (var node in world.Nodes)
            node.Do(new CaughtUp(1));
        world.RunFor(1000);
        Assert.All([a, b, c], node => Assert.Equal("kept", node.StateOf(1)));
        world.CheckTables();
    }

    [Fact]
    public void TheOnlyOneWithTheStateLeavesWhenAnotherHasIt()
    {
        var world = new LayerWorld().With(2);
        var (a, b) = (world.Nodes[0], world.Nodes[1]);
        a.Join("g", GroupStateKind.Transferred);
        world.Run();
        a.Do(new FellBehind(1));
        world.RunFor(3000);
        Assert.Single(a.LastView(1).Members);
        b.Join("g", GroupStateKind.Transferred);
        world.RunFor(3000);
        Assert.Equal(b.Self, Assert.Single(b.LastView(1).Members).Id);
    }

    [Fact]
    public void ALeaveOfOneThatIsSteppingBackEnds()
    {
        var (world, a, b, _) = Three(GroupStateKind.Transferred);
        b.Do(new FellBehind(1));
        var leave = b.Do(new LeaveGroup(1));
        world.RunFor(100);
        Assert.Equal(CommandResult.Done, b.End(leave)!.Result);
        b.Do(new CaughtUp(1));
        world.RunFor(500);
        Assert.Equal(2, a.LastView(1).Members.Length);
    }

    private static (LayerWorld World, LayerNode A, LayerNode B, LayerNode C) Three(GroupStateKind state)
    {
        var world = new LayerWorld().With(3);
        foreach (var node in world.Nodes)
        {
            node.Join("g", state);
            world.RunFor(200);
        }

        return (world, world.Nodes[0], world.Nodes[1], world.Nodes[2]);
    }
}
