namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class FlushTests
{
    [Fact]
    public void AFlushEndsWhenAllMembersHaveWhatWasSentBefore()
    {
        var world = Three();
        world.Nodes[2].IsStalled = true;
        world.Nodes[0].Send(1, "x");
        var token = world.Nodes[0].Do(new FlushGroup(1));
        world.RunFor(500);
        Assert.Null(world.Nodes[0].End(token));
        world.Nodes[2].IsStalled = false;
        world.RunFor(500);
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
        Assert.Single(world.Nodes[2].Messages(1));
    }

    [Fact]
    public void AFlushToSomeNeedsOnlySome()
    {
        var world = Three();
        world.Nodes[2].IsStalled = true;
        var token = world.Nodes[0].Do(new FlushGroup(1, 2));
        world.Run();
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void LostConfirmationsAreAskedFor()
    {
        var world = Three();
        world.Passes = (_, _, _) => false;
        var token = world.Nodes[0].Do(new FlushGroup(1));
        world.RunFor(300);
        Assert.Null(world.Nodes[0].End(token));
        world.Passes = (_, _, _) => true;
        world.RunFor(300);
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void WhoLeavesIsNotWaitedFor()
    {
        var world = Three();
        world.Nodes[2].IsStalled = true;
        var token = world.Nodes[0].Do(new FlushGroup(1));
        world.Run();
        world.Kill(world.Nodes[2]);
        world.Run();
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void AFlushToMoreThanThereAreIsRefused()
    {
        var world = Three();
        var token = world.Nodes[0].Do(new FlushGroup(1, 4));
        world.Run();
        Assert.Contains("3 members", world.Nodes[0].End(token)!.Reason);
    }

    [Fact]
    public void AConfirmationThatIsFasterThanTheFlushHereCounts()
    {
        var world = Three();
        world.Nodes[0].IsStalled = true;
        var token = world.Nodes[0].Do(new FlushGroup(1));
        world.Run();
        world.Passes = (_, _, _) => false;
        world.Nodes[0].IsStalled = false;
        world.Run();
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    private static LayerWorld Three()
    {
        var world = new LayerWorld().With(3);
        foreach (var node in world.Nodes)
            node.Join("g");
        world.Run();
        return world;
    }
}
