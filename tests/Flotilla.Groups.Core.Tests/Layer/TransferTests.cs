using Flotilla.Groups.Core.Layer;

namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class TransferTests
{
    [Fact]
    public void TheFirstMemberBeginsTheState()
    {
        var world = new LayerWorld().With(1);
        var token = world.Nodes[0].Do(new JoinGroup("g", GroupStateKind.Transferred));
        world.Run();
        Assert.Equal([GroupDeliveryKind.Create, GroupDeliveryKind.View], world.Nodes[0].Seen.Select(seen => seen.Kind));
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void ANewcomerGetsTheStateThenItsViewThenWhatFollows()
    {
        var world = Filled(2, 5);
        var late = Newcomer(world);
        world.RunFor(200);
        world.Nodes[0].Send(1, "after");
        world.RunFor(200);
        Assert.Equal("m0,m1,m2,m3,m4,after", late.StateOf(1));
        Assert.Equal(late.StateOf(1), world.Nodes[1].StateOf(1));
        var kinds = late.Seen.Select(seen => seen.Kind).Distinct();
        Assert.Equal([GroupDeliveryKind.LoadCheckpoint, GroupDeliveryKind.View, GroupDeliveryKind.Message], kinds);
        world.CheckTables();
    }

    [Fact]
    public void WhatIsSentWhileTheStateTravelsIsDeliveredAfterItOnce()
    {
        var world = Filled(2, 3);
        world.Nodes[1].IsApplicationStalled = true;
        var late = Newcomer(world);
        world.Run();
        for (var i = 0; i < 5; i++)
            world.Nodes[0].Send(1, "during" + i);
        world.RunFor(300);
        Assert.Empty(late.Seen);
        world.Nodes[1].IsApplicationStalled = false;
        world.RunFor(300);
        Assert.Equal("m0,m1,m2,during0,during1,during2,during3,during4", late.StateOf(1));
    }

    [Fact]
    public void TheSequencerIsAskedLast()
    {
        var world = Filled(3, 1);
        world.Nodes.ForEach(node => node.Seen.Clear());
        Newcomer(world);
        world.RunFor(200);
        Assert.DoesNotContain(world.Nodes[0].Seen, seen => seen.Kind == GroupDeliveryKind.MakeCheckpoint);
        Assert.Single(world.Nodes[1].Seen, seen => seen.Kind == GroupDeliveryKind.MakeCheckpoint);
    }

    [Fact]
    public void AWishedDonorIsAskedFirst()
    {
        var world = Filled(3, 1);
        var late = world.Join();
        world.Run();
        world.Nodes.ForEach(node => node.Seen.Clear());
        late.Do(new JoinGroup([new GroupJoin("g", GroupStateKind.Transferred) { Donors = [world.Nodes[2].Self.Node] }]));
        world.RunFor(200);
        Assert.Single(world.Nodes[2].Seen, seen => seen.Kind == GroupDeliveryKind.MakeCheckpoint);
        Assert.Equal("m0", late.StateOf(1));
    }

    [Fact]
    public void WhenTheDonorDiesTheNextGoesOnWithALaterCut()
    {
        var world = Filled(3, 40);
        var late = Newcomer(world);
        var passed = 0;
        world.Passes = (_, to, _) => to != late.Self.Node || passed++ < 5;
        world.Run();
        world.Nodes[0].Send(1, "later");
        world.Run();
        Assert.Contains(late.Seen, seen => seen.Kind == GroupDeliveryKind.LoadCheckpoint);
        world.Passes = (_, _, _) => true;
        world.Kill(world.Nodes[1]);
        world.RunFor(500);
        Assert.Contains(late.Seen, seen => seen.Kind == GroupDeliveryKind.Reset);
        Assert.Equal(world.Nodes[0].StateOf(1), late.StateOf(1));
        Assert.EndsWith("later", late.StateOf(1));
        world.CheckTables();
    }

    [Fact]
    public void ASilentDonorIsReplaced()
    {
        var world = Filled(3, 3);
        var late = Newcomer(world);
        world.Passes = (from, _, _) => from != world.Nodes[1].Self.Node;
        world.RunFor(4000);
        Assert.Equal("m0,m1,m2", late.StateOf(1));
        Assert.Contains(late.Reports, report => report.Text?.Contains("silent") == true);
    }

    [Fact]
    public void ADonorWhoseApplicationFailsIsReplaced()
    {
        var world = Filled(3, 3);
        world.Nodes[1].FailsCheckpoints = true;
        var late = Newcomer(world);
        world.RunFor(1000);
        Assert.Equal("m0,m1,m2", late.StateOf(1));
    }

    [Theory]
    [InlineData(2), InlineData(3), InlineData(7)]
    public void LostFramesAreSentAgain(int oneIn)
    {
        var world = Filled(2, 200);
        var random = new Primitives.SeededRandom(7);
        world.Passes = (_, _, _) => !random.OneIn(oneIn);
        var late = Newcomer(world);
        world.RunFor(60_000);
        Assert.Equal(world.Nodes[0].StateOf(1), late.StateOf(1));
        world.CheckTables();
    }

    [Fact]
    public void AStateLargerThanTheWindowWaitsForItsTaker()
    {
        var world = Filled(2, 500);
        var late = Newcomer(world);
        world.RunFor(100);
        Assert.Equal(world.Nodes[0].StateOf(1), late.StateOf(1));
        var second = Newcomer(world);
        second.IsApplicationStalled = true;
        world.RunFor(1000);
        Assert.Equal(LayerLimits.TransferWindow, second.Seen.Count);
        second.IsApplicationStalled = false;
        world.RunFor(1000);
        Assert.Equal(world.Nodes[0].StateOf(1), second.StateOf(1));
    }

    [Fact]
    public void WhenTooMuchIsHeldBackTheTransferBeginsAnew()
    {
        var world = Filled(2, 3, options => options with { MaxMessageBytes = 1024, MaxLagBytes = 2000 });
        world.Nodes[1].IsApplicationStalled = true;
        var late = Newcomer(world);
        world.Run();
        for (var i = 0; i < 40; i++)
            world.Nodes[0].Send(1, "during" + i);
        world.RunFor(100);
        world.Nodes[1].IsApplicationStalled = false;
        world.RunFor(3000);
        Assert.Contains(late.Reports, report => report.Text?.Contains("begins anew") == true);
        Assert.Equal(world.Nodes[0].StateOf(1), late.StateOf(1));
        Assert.DoesNotContain(late.Messages(1), seen => seen.Body == "during0");
    }

    [Fact]
    public void WhenNobodyHasTheStateAnyMoreItIsBegunAnew()
    {
        var world = Filled(1, 3);
        world.Nodes[0].IsApplicationStalled = true;
        var late = Newcomer(world);
        var later = Newcomer(world);
        world.RunFor(100);
        world.Kill(world.Nodes[0]);
        world.RunFor(3000);
        Assert.Single(new[] { late, later }, node => node.Seen.Exists(seen => seen.Kind == GroupDeliveryKind.Create));
        late.Send(1, "new");
        world.RunFor(3000);
        Assert.Equal(("new", "new"), (late.StateOf(1), later.StateOf(1)));
        world.CheckTables();
    }

    [Fact]
    public void OneThatHasTheStateIsNotOverruledByOneThatHasNot()
    {
        var world = Filled(1, 3);
        var has = Newcomer(world);
        world.RunFor(200);
        var hasNot = Newcomer(world);
        world.Run();
        world.Kill(world.Nodes[0]);
        world.RunFor(3000);
        Assert.Equal(("m0,m1,m2", "m0,m1,m2"), (has.StateOf(1), hasNot.StateOf(1)));
    }

    [Fact]
    public void MembersWithoutStateGiveNoneAndNeedNone()
    {
        var world = new LayerWorld().With(2);
        world.Nodes[0].Join("g");
        world.Run();
        world.Nodes[1].Join("g", GroupStateKind.Transferred);
        world.RunFor(100);
        Assert.Contains(world.Nodes[1].Seen, seen => seen.Kind == GroupDeliveryKind.Create);
        Assert.Equal(2, world.Nodes[0].LastView(1).Members.Length);
    }

    [Fact]
    public void TheSharedTablesComeFromTheNextDonorWhenTheFirstDies()
    {
        var world = Filled(3, 3);
        world.Passes = (from, to, _) => to.Value != 4;
        var late = world.Join();
        world.Run();
        world.Kill(world.Nodes[1]);
        world.Passes = (_, _, _) => true;
        world.RunFor(5000);
        Assert.True(late.HasState);
        world.CheckTables();
    }

    [Fact]
    public void ANodeThatFetchesTheTablesAnewJoinsItsGroupsAnew()
    {
        var world = Filled(2, 3);
        var node = world.Nodes[1];
        node.IsStalled = true;
        for (var i = 0; i < 5; i++)
            world.Nodes[0].Send(1, "missed" + i);
        world.Run();
        (node.IsStalled, node.HasState) = (false, false);
        world.Welcome(node);
        world.RunFor(1000);
        Assert.Equal(world.Nodes[0].StateOf(1), node.StateOf(1));
        Assert.Equal(1U, node.Self.Incarnation);
        world.CheckTables();
    }

    [Fact]
    public void AQueryHeldBackAndDroppedIsAnsweredWithNothing()
    {
        var world = Filled(2, 3, options => options with { MaxMessageBytes = 1024, MaxLagBytes = 2000 });
        world.Nodes[1].IsApplicationStalled = true;
        Newcomer(world);
        world.Run();
        var token = world.Nodes[0].Do(new QueryGroup(1, default));
        world.Run();
        for (var i = 0; i < 40; i++)
            world.Nodes[0].Send(1, "during" + i);
        world.RunFor(100);
        Assert.Equal(CommandResult.NullReply, Assert.Single(world.Nodes[0].Answers(token)).Result);
    }

    [Fact]
    public void AStateOfADonorThatIsAheadCountsOnceTheOwnLogReachesToIt()
    {
        var world = AheadOfANewcomer(out var late);
        world.RunFor(300);
        Assert.Equal("", late.StateOf(1));
        Assert.Empty(late.Messages(1));
        late.IsStalled = false;
        world.RunFor(300);
        Assert.Equal("m0,m1,m2,ahead", late.StateOf(1));
        world.CheckTables();
    }

    [Fact]
    public void AStateWithMessagesThatAreLostWithItsDonorIsNotTaken()
    {
        var world = AheadOfANewcomer(out var late);
        world.RunFor(300);
        world.Log.RemoveAt(world.Log.Count - 1);
        world.Nodes[0].IsDead = true;
        world.Kill(world.Nodes[1]);
        (late.IsStalled, world.Nodes[2].IsStalled) = (false, false);
        world.Nodes[2].Send(1, "instead");
        world.RunFor(3000);
        Assert.Equal("m0,m1,m2,instead", world.Nodes[2].StateOf(1));
        Assert.Equal("m0,m1,m2,instead", late.StateOf(1));
        world.CheckTables();
    }

    [Fact]
    public void SharedTablesWithEntriesThatAreLostWithTheirDonorAreNotTaken()
    {
        var world = Filled(3, 3);
        var late = world.Join();
        (late.IsStalled, world.Nodes[2].IsStalled) = (true, true);
        world.Nodes[0].Send(1, "ahead");
        world.RunFor(300);
        Assert.False(late.HasState);
        world.Log.RemoveAt(world.Log.Count - 1);
        world.Nodes[0].IsDead = true;
        world.Kill(world.Nodes[1]);
        (late.IsStalled, world.Nodes[2].IsStalled) = (false, false);
        late.View = world.Log[^1].View;
        late.Layer.OnStateNeeded(late.View!);
        world.RunFor(3000);
        Assert.True(late.HasState);
        world.CheckTables();
    }

    /// <summary>A newcomer and one other member have not yet got the last message; the newcomer's donor has.</summary>
    private static LayerWorld AheadOfANewcomer(out LayerNode late)
    {
        var world = Filled(3, 3);
        var newcomer = late = Newcomer(world);
        world.Passes = (from, _, _) => from != newcomer.Self.Node;
        world.Run();
        world.Passes = (_, _, _) => true;
        (late.IsStalled, world.Nodes[2].IsStalled) = (true, true);
        world.Nodes[0].Send(1, "ahead");
        world.Run();
        return world;
    }

    private static LayerWorld Filled(int nodes, int messages, Func<NodeOptions, NodeOptions>? configure = null)
    {
        var world = new LayerWorld { Configure = configure ?? (options => options) }.With(nodes);
        foreach (var node in world.Nodes)
        {
            node.Join("g", GroupStateKind.Transferred);
            world.RunFor(100);
        }

        for (var i = 0; i < messages; i++)
            world.Nodes[0].Send(1, "m" + i);
        world.Run();
        return world;
    }

    private static LayerNode Newcomer(LayerWorld world)
    {
        var node = world.Join();
        world.RunFor(300);
        node.Join("g", GroupStateKind.Transferred);
        return node;
    }
}
