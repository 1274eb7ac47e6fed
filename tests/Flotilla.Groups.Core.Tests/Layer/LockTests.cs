namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class LockTests
{
    [Fact]
    public void ALockIsHeldByOneAndPassedOnInTheOrderOfAsking()
    {
        var world = new LayerWorld().With(3);
        ulong[] tokens = [.. world.Nodes.Select(node => node.Do(new AcquireLock("l")))];
        world.Run();
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(tokens[0])!.Result);
        Assert.Null(world.Nodes[1].End(tokens[1]));
        world.Nodes[0].Do(new ReleaseLock("l", world.Nodes[0].End(tokens[0])!.Number));
        world.Run();
        Assert.Equal(CommandResult.Done, world.Nodes[1].End(tokens[1])!.Result);
        Assert.Null(world.Nodes[2].End(tokens[2]));
        world.CheckTables();
    }

    [Fact]
    public void EachFencingTokenIsGreaterThanTheOneBefore()
    {
        var world = new LayerWorld().With(2);
        ulong last = 0;
        for (var i = 0; i < 10; i++)
        {
            var node = world.Nodes[i % 2];
            var token = node.Do(new AcquireLock("l"));
            world.Run();
            var fence = node.End(token)!.Number;
            Assert.True(fence > last);
            last = fence;
            node.Do(new ReleaseLock("l", fence));
            if (i == 5)
                world.InstallView();
        }
    }

    [Fact]
    public void TryingEndsAtOnceWhenAnotherHoldsIt()
    {
        var world = new LayerWorld().With(2);
        world.Nodes[0].Do(new AcquireLock("l"));
        world.Run();
        var token = world.Nodes[1].Do(new AcquireLock("l", 0));
        world.Run();
        Assert.Equal(CommandResult.TimedOut, world.Nodes[1].End(token)!.Result);
        Assert.Contains("holds it", world.Nodes[1].End(token)!.Reason);
    }

    [Fact]
    public void WhoWaitsTooLongGetsItNeither()
    {
        var world = new LayerWorld().With(2);
        var first = world.Nodes[0].Do(new AcquireLock("l"));
        world.Run();
        var late = world.Nodes[1].Do(new AcquireLock("l", 500_000_000));
        world.RunFor(600);
        Assert.Equal(CommandResult.TimedOut, world.Nodes[1].End(late)!.Result);
        world.Nodes[0].Do(new ReleaseLock("l", world.Nodes[0].End(first)!.Number));
        world.Run();
        Assert.Equal(0, world.Nodes[0].Layer.Tables.Locks.Count);
    }

    [Fact]
    public void AGrantThatCrossesATimeoutIsGivenBack()
    {
        var world = new LayerWorld().With(2);
        var first = world.Nodes[0].Do(new AcquireLock("l"));
        world.Run();
        world.Nodes[1].IsStalled = true;
        var late = world.Nodes[1].Do(new AcquireLock("l", 500_000_000));
        world.Nodes[0].Do(new ReleaseLock("l", world.Nodes[0].End(first)!.Number));
        world.RunFor(600);
        world.Nodes[1].IsStalled = false;
        world.Run();
        Assert.Equal(CommandResult.TimedOut, Assert.Single(world.Nodes[1].Ended, ended => ended.Token == late).Result);
        Assert.Equal(0, world.Nodes[1].Layer.Tables.Locks.Count);
    }

    [Fact]
    public void AHolderThatLeavesTheClusterLosesIt()
    {
        var world = new LayerWorld().With(3);
        var first = world.Nodes[0].Do(new AcquireLock("l"));
        var gone = world.Nodes[1].Do(new AcquireLock("l"));
        var second = world.Nodes[2].Do(new AcquireLock("l"));
        world.Run();
        world.Nodes[0].IsDead = true;
        world.Kill(world.Nodes[1]);
        world.Run();
        Assert.True(world.Nodes[2].End(second)!.Number > world.Nodes[0].End(first)!.Number);
        Assert.Null(world.Nodes[1].End(gone));
    }

    [Fact]
    public void ALockIsNotGivenBackUnderAnotherToken()
    {
        var world = new LayerWorld().With(1);
        var first = world.Nodes[0].Do(new AcquireLock("l"));
        world.Run();
        var release = world.Nodes[0].Do(new ReleaseLock("l", world.Nodes[0].End(first)!.Number + 1));
        world.Run();
        Assert.Equal(CommandResult.Refused, world.Nodes[0].End(release)!.Result);
        Assert.Equal(1, world.Nodes[0].Layer.Tables.Locks.Count);
    }
}
