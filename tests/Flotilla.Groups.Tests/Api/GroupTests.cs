using System.Collections.Concurrent;
using Flotilla.Groups.Core;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

public sealed class GroupTests
{
    [Fact]
    public async Task AllMembersHandleAllMessagesInOneOrder()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var seen = cluster.Nodes.Select(_ => new ConcurrentQueue<int>()).ToArray();
        var groups = await cluster.JoinAsync("g", (group, index) => group.On<Counted>((message, _) => seen[index].Enqueue(message.Number)));
        await Task.WhenAll(groups.SelectMany((group, index) => Enumerable.Range(0, 100).Select(number => group.SendAsync(new Counted((index * 1000) + number, "x")))))
            .WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.All(each => each.Count == 300), "all are handled everywhere");
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(seen[0], seen[2]);
        for (var sender = 0; sender < 3; sender++)
            Assert.Equal(Enumerable.Range(sender * 1000, 100), seen[0].Where(number => number / 1000 == sender));
    }

    [Theory]
    [InlineData(Delivery.Raw), InlineData(Delivery.Fifo), InlineData(Delivery.Causal), InlineData(Delivery.Ordered), InlineData(Delivery.Safe), InlineData(Delivery.SafeDurable)]
    public async Task EveryClassOfDeliveryArrives(Delivery delivery)
    {
        await using var cluster = await Cluster.StartAsync(3, onDisk: true);
        var seen = cluster.Nodes.Select(_ => new ConcurrentQueue<(string, Delivery)>()).ToArray();
        var groups = await cluster.JoinAsync("g", (group, index) => group.On<string>((text, context) => seen[index].Enqueue((text, context.Delivery))));
        await groups[1].SendAsync("hello", delivery).WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.All(each => each.Contains(("hello", delivery))), "it is handled everywhere");
    }

    [Fact]
    public async Task AHandlerMayAwaitSendsAndTheNextRunsAfterIt()
    {
        await using var cluster = await Cluster.StartAsync(2);
        ConcurrentQueue<string> seen = [];
        var groups = await cluster.JoinAsync("g", (group, index) => group.On<string>(async (text, _) =>
        {
            if (index == 1)
                return;
            seen.Enqueue("begin " + text);
            if (text.Length < 4)
                await group.SendAsync(text + "!");
            seen.Enqueue("end " + text);
        }));
        await groups[0].SendAsync("a").WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.Contains("end a!!!"), "the last is handled");
        Assert.Equal(["begin a", "end a", "begin a!", "end a!", "begin a!!", "end a!!", "begin a!!!", "end a!!!"], seen);
    }

    [Fact]
    public async Task AHandlerThatThrowsIsReportedAndTheNextRuns()
    {
        await using var cluster = await Cluster.StartAsync(1);
        ConcurrentQueue<GroupProblem> problems = [];
        ConcurrentQueue<string> seen = [];
        cluster[0].Problem += problems.Enqueue;
        var groups = await cluster.JoinAsync("g", (group, _) => group.On<string>((text, _) =>
        {
            if (text == "bad")
                throw new FormatException("I can't");
            seen.Enqueue(text);
        }));
        await groups[0].SendAsync("bad").WaitAsync(Deadline.Default);
        await groups[0].SendAsync("good").WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.Contains("good"), "the next is handled");
        Assert.Equal("I can't", Assert.Single(problems).Failure!.Message);
    }

    [Fact]
    public async Task AMessageOfAnUnknownTypeOrANewerVersionIsReportedAndSkipped()
    {
        await using var cluster = new Cluster();
        var node = await cluster.AddAsync();
        cluster.Nodes.Add(await GroupNode.StartAsync(new GroupOptions
        {
            Name = "newer",
            Founding = Founding.Never,
            Seeds = [node.Address],
            Messages = new MessageCatalog().Add("counted", TestMessages.Default.Counted, version: 2).Add("novel", TestMessages.Default.Question),
        }));
        await cluster[1].UntilMemberAsync().WaitAsync(Deadline.Default);
        ConcurrentQueue<GroupProblem> problems = [];
        ConcurrentQueue<string> seen = [];
        node.Problem += problems.Enqueue;
        var groups = await cluster.JoinAsync("g", (group, index) =>
        {
            if (index == 0)
                group.On<string>((text, _) => seen.Enqueue(text)).On<Counted>((message, _) => seen.Enqueue(message.Text));
        });
        await groups[1].SendAsync(new Counted(1, "newer")).WaitAsync(Deadline.Default);
        await groups[1].SendAsync(new Question("novel")).WaitAsync(Deadline.Default);
        await groups[1].SendAsync("known").WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.Contains("known"), "the known one is handled");
        Assert.Equal(["known"], seen);
        Assert.Contains(problems, problem => problem.What.Contains("version 2") && problem.What.Contains("upgrade"));
        Assert.Contains(problems, problem => problem.What.Contains("'novel'"));
    }

    [Fact]
    public async Task ViewsComeInTheirPlaceAmongTheMessages()
    {
        await using var cluster = await Cluster.StartAsync(2);
        ConcurrentQueue<string> seen = [];
        var first = cluster[0].Group("g");
        first.On<string>((text, _) => seen.Enqueue(text)).OnView(view => seen.Enqueue("view of " + view.Members.Length));
        await first.JoinAsync().WaitAsync(Deadline.Default);
        await first.SendAsync("alone").WaitAsync(Deadline.Default);
        var second = cluster[1].Group("g");
        await second.JoinAsync().WaitAsync(Deadline.Default);
        await second.SendAsync("together").WaitAsync(Deadline.Default);
        await second.LeaveAsync().WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.Count == 5, "all is seen");
        Assert.Equal(["view of 1", "alone", "view of 2", "together", "view of 1"], seen);
        Assert.Equal(0, first.Rank);
        Assert.Equal(-1, second.Rank);
    }

    [Fact]
    public async Task AGroupThatWasLeftCanBeJoinedAgain()
    {
        await using var cluster = await Cluster.StartAsync(1);
        var group = cluster[0].Group("g");
        await group.JoinAsync().WaitAsync(Deadline.Default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => group.JoinAsync());
        await group.LeaveAsync().WaitAsync(Deadline.Default);
        await group.JoinAsync().WaitAsync(Deadline.Default);
        await group.SendAsync("again").WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task SeveralGroupsAreJoinedAtOnce()
    {
        await using var cluster = await Cluster.StartAsync(1);
        await cluster[0].JoinAsync([cluster[0].Group("a"), cluster[0].Group("b")]).WaitAsync(Deadline.Default);
        Assert.Equal(cluster[0].Group("a").View!.Sequence, cluster[0].Group("b").View!.Sequence);
    }

    [Fact]
    public async Task ASendAllocatesWhatItsTaskNeedsAndNoMore()
    {
        const int Sends = 1000;
        await using var cluster = await Cluster.StartAsync(1);
        var group = cluster[0].Group("g");
        await group.JoinAsync().WaitAsync(Deadline.Default);
        var body = new byte[64];
        var tasks = new Task[Sends];
        var bytes = Allocations.Smallest(() =>
        {
            for (var i = 0; i < Sends; i++)
                tasks[i] = group.SendAsync(body);
            Task.WaitAll(tasks, Deadline.Default);
        });
        Assert.True(bytes / Sends < 240, $"{bytes / Sends} bytes a send");
    }

    [Fact]
    public async Task ASendToAGroupThatWasNotJoinedIsRefused()
    {
        await using var cluster = await Cluster.StartAsync(1);
        var error = await Assert.ThrowsAsync<GroupException>(() => cluster[0].Group("g").SendAsync("x"));
        Assert.Equal(GroupError.Refused, error.Error);
    }

    [Fact]
    public async Task AFlushEndsWhenTheMembersHaveEverything()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var groups = await cluster.JoinAsync("g", (_, _) => { });
        _ = groups[1].SendAsync("x");
        await groups[1].FlushAsync().WaitAsync(Deadline.Default);
        await groups[1].FlushAsync(2).WaitAsync(Deadline.Default);
        var error = await Assert.ThrowsAsync<GroupException>(() => groups[1].FlushAsync(9));
        Assert.Contains("3 members", error.Message);
    }

    [Fact]
    public async Task MoreThanMayBeOnItsWayWaitsAndArrivesInOrder()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var seen = new ConcurrentQueue<int>();
        var groups = await cluster.JoinAsync("g", (group, index) =>
        {
            if (index == 1)
                group.On<byte[]>((bytes, _) => seen.Enqueue(BitConverter.ToInt32(bytes)));
        });
        var sends = Enumerable.Range(0, 60).Select(number =>
        {
            var bytes = new byte[1 << 20];
            BitConverter.TryWriteBytes(bytes, number);
            return groups[0].SendAsync(bytes);
        }).ToArray();
        await Task.WhenAll(sends).WaitAsync(Deadline.Default * 2);
        await Deadline.UntilAsync(() => seen.Count == 60, "all are handled");
        Assert.Equal(Enumerable.Range(0, 60), seen);
    }
}
