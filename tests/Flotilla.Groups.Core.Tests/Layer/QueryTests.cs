using System.Text;

namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class QueryTests
{
    [Fact]
    public void EveryMemberAnswersOnce()
    {
        var world = Cluster(3);
        var token = Ask(world, QueryGroup.All);
        foreach (var node in world.Nodes)
            Reply(node, "from " + node.Self.Node.Value);
        world.Run();
        Assert.Equal(["from 1", "from 2", "from 3"], world.Nodes[0].Answers(token).Select(answer => answer.Body).Order());
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void AnAnswerThatGetsLostComesAgain()
    {
        var world = Cluster(2);
        var losses = 3;
        world.Passes = (_, _, _) => losses-- <= 0;
        var token = Ask(world, QueryGroup.All);
        Reply(world.Nodes[0], "a");
        Reply(world.Nodes[1], "b");
        world.RunFor(5000);
        Assert.Equal(2, world.Nodes[0].Answers(token).Count);
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void AnAnswerThatComesTwiceCountsOnce()
    {
        var world = Cluster(2);
        var token = Ask(world, QueryGroup.All);
        // The acknowledgement is lost, so the answer is sent again and again.
        world.Passes = (from, _, _) => from == world.Nodes[1].Self.Node;
        Reply(world.Nodes[1], "b");
        world.RunFor(900);
        Assert.Equal("b", Assert.Single(world.Nodes[0].Answers(token)).Body);
        Assert.Null(world.Nodes[0].End(token));
    }

    [Fact]
    public void AMajorityEndsIt()
    {
        var world = Cluster(3);
        var token = Ask(world, QueryGroup.Majority);
        Reply(world.Nodes[1], "b");
        world.Run();
        Assert.Null(world.Nodes[0].End(token));
        Reply(world.Nodes[2], "c");
        world.Run();
        Assert.Equal(2UL, world.Nodes[0].End(token)!.Number);
    }

    [Fact]
    public void SoManyRepliesEndItAndNullsAreNone()
    {
        var world = Cluster(3);
        var token = Ask(world, 1);
        world.Nodes[0].Do(new NullReplyToQuery(Correlation(world.Nodes[0])));
        world.Run();
        Assert.Null(world.Nodes[0].End(token));
        Reply(world.Nodes[1], "b");
        world.Run();
        Assert.NotNull(world.Nodes[0].End(token));
        Assert.Equal([CommandResult.NullReply, CommandResult.Partial], world.Nodes[0].Answers(token).Select(answer => answer.Result));
    }

    [Fact]
    public void AMemberMayAnswerWithARefusal()
    {
        var world = Cluster(2);
        var token = Ask(world, QueryGroup.All);
        world.Nodes[1].Do(new AbortReplyToQuery(Correlation(world.Nodes[1]), "not now"));
        Reply(world.Nodes[0], "a");
        world.Run();
        var refusal = world.Nodes[0].Answers(token).Single(answer => answer.From == world.Nodes[1].Self);
        Assert.Equal((CommandResult.Aborted, "not now"), (refusal.Result, refusal.Reason));
    }

    [Fact]
    public void ADepartedMemberAnswersWithNothing()
    {
        var world = Cluster(3);
        var token = Ask(world, QueryGroup.All);
        Reply(world.Nodes[0], "a");
        Reply(world.Nodes[1], "b");
        world.Kill(world.Nodes[2]);
        world.Run();
        Assert.Equal(CommandResult.NullReply, world.Nodes[0].Answers(token).Single(answer => answer.From == world.Nodes[2].Self).Result);
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void WhoLeavesTheGroupAnswersWithNothing()
    {
        var world = Cluster(2);
        var token = Ask(world, QueryGroup.All);
        Reply(world.Nodes[0], "a");
        world.Nodes[1].Do(new LeaveGroup(1));
        world.Run();
        Assert.Equal([CommandResult.Partial, CommandResult.NullReply], world.Nodes[0].Answers(token).Select(answer => answer.Result));
    }

    [Fact]
    public void WhoDoesNotAnswerInTimeIsNamedAndALaterAnswerIsNothing()
    {
        var world = Cluster(2);
        var token = Ask(world, QueryGroup.All);
        Reply(world.Nodes[0], "a");
        world.RunFor(1500);
        Assert.Equal(CommandResult.TimedOut, world.Nodes[0].Answers(token).Single(answer => answer.From == world.Nodes[1].Self).Result);
        Assert.Equal(CommandResult.TimedOut, world.Nodes[0].End(token)!.Result);
        Reply(world.Nodes[1], "late");
        world.Run();
        Assert.Equal(2, world.Nodes[0].Answers(token).Count);
    }

    [Fact]
    public void AnAnswerThatIsFasterThanTheQuestionHereIsKept()
    {
        var world = Cluster(2);
        world.Nodes[0].IsStalled = true;
        var token = Ask(world, QueryGroup.All);
        Reply(world.Nodes[1], "b");
        world.Run();
        Assert.Empty(world.Nodes[0].Answers(token));
        world.Nodes[0].IsStalled = false;
        world.Run();
        Reply(world.Nodes[0], "a");
        world.Run();
        Assert.Equal(["b", "a"], world.Nodes[0].Answers(token).Select(answer => answer.Body));
    }

    [Fact]
    public void WhoseAskerIsEvictedEndsIndeterminate()
    {
        var world = Cluster(2);
        var token = Ask(world, QueryGroup.All, asker: 1);
        world.Evict(world.Nodes[1]);
        Assert.Equal(CommandResult.Indeterminate, world.Nodes[1].End(token)!.Result);
    }

    [Fact]
    public void AnAnswerIsTakenOnce()
    {
        var world = Cluster(1);
        var token = Ask(world, QueryGroup.All);
        var correlation = Correlation(world.Nodes[0]);
        Reply(world.Nodes[0], "a");
        var second = world.Nodes[0].Do(new ReplyToQuery(correlation, Encoding.UTF8.GetBytes("again")));
        Assert.Equal(CommandResult.Refused, world.Nodes[0].End(second)!.Result);
        Assert.Equal("a", Assert.Single(world.Nodes[0].Answers(token)).Body);
    }

    private static LayerWorld Cluster(int nodes)
    {
        var world = new LayerWorld().With(nodes);
        foreach (var node in world.Nodes)
        {
            node.Join("g");
            world.Run();
        }

        return world;
    }

    private static ulong Ask(LayerWorld world, int replies, int asker = 0)
    {
        var token = world.Nodes[asker].Do(new QueryGroup(1, Encoding.UTF8.GetBytes("who?")) { Replies = replies, TimeoutNs = 1_000_000_000 });
        world.Run();
        return token;
    }

    private static ulong Correlation(LayerNode node) => node.Seen.Last(seen => seen.Kind == GroupDeliveryKind.Query).Correlation;

    private static void Reply(LayerNode node, string text) => node.Do(new ReplyToQuery(Correlation(node), Encoding.UTF8.GetBytes(text)));
}
