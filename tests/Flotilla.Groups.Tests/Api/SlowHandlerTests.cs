using System.Collections.Concurrent;
using Flotilla.Groups.Core;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

/// <summary>A program whose handlers do not keep up: memory stays bounded, the others go on, and it comes back.</summary>
public sealed class SlowHandlerTests
{
    private const int Backlog = 1 << 20;
    private static readonly string s_text = new('x', 1000);

    [Fact]
    public async Task AHandlerThatBlocksKeepsNobodyWaitingAndItsNodeComesBackWithTheState()
    {
        await using var cluster = await SlowThirdAsync();
        var states = cluster.Nodes.Select(_ => new CounterState()).ToArray();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ConcurrentQueue<string> problems = [];
        cluster[2].Problem += problem => problems.Enqueue(problem.What);
        var groups = await cluster.JoinAsync("g", (group, index) =>
        {
            if (index == 2)
                group.On<Counted>((_, _) => gate.Task);
            states[index].Attach(group);
        });
        await SendAsync(groups[0], 0, 3000);
        await Deadline.UntilAsync(() => groups[0].Members.Length == 2, "the slow one is out of the group");
        await SendAsync(groups[1], 3000, 1000);
        await Deadline.UntilAsync(() => states[0].Numbers.Count == 4000 && states[1].Numbers.Count == 4000, "the others handled all");
        Assert.Empty(states[2].Numbers);
        Assert.Contains(problems, what => what.Contains("slower than the group"));
        Assert.Equal(MemberRole.Voter, cluster[0].View!.Find(cluster[2].Id.Node)!.Role);
        var refused = await Assert.ThrowsAsync<GroupException>(() => groups[2].SendAsync(new Counted(-1, "too early")));
        Assert.Equal(GroupError.Refused, refused.Error);
        gate.SetResult();
        await Deadline.UntilAsync(() => groups[0].Members.Length == 3, "it is back");
        await SendAsync(groups[0], 4000, 10);
        await Deadline.UntilAsync(() => states[2].Has(4009), "it has the last");
        Assert.Equal(Enumerable.Range(0, 4010), states[2].Numbers);
        Assert.Equal(states[0].Numbers, states[2].Numbers);
    }

    [Fact]
    public async Task WithoutAStateItMissesOnlyWhatWasSaidWhileItWasOut()
    {
        await using var cluster = await SlowThirdAsync();
        var seen = new ConcurrentQueue<int>();
        var views = new ConcurrentQueue<int>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var groups = await cluster.JoinAsync("g", (group, index) =>
        {
            if (index == 2)
            {
                group.OnView(_ => views.Enqueue(seen.Count)).On<Counted>(async (message, _) =>
                {
                    await gate.Task;
                    seen.Enqueue(message.Number);
                });
            }
        });
        await SendAsync(groups[0], 0, 3000);
        await Deadline.UntilAsync(() => groups[0].Members.Length == 2, "the slow one is out of the group");
        await SendAsync(groups[0], 3000, 500);
        gate.SetResult();
        await Deadline.UntilAsync(() => groups[0].Members.Length == 3, "it is back");
        await SendAsync(groups[0], 3500, 500);
        await Deadline.UntilAsync(() => seen.Contains(3999), "it has the last");
        var handled = seen.Count - 500;
        Assert.InRange(handled, 100, 3000);
        Assert.Equal([.. Enumerable.Range(0, handled), .. Enumerable.Range(3500, 500)], seen);
        Assert.Equal(handled, views.Last());
    }

    [Fact]
    public async Task TheOnlyOneWithTheStateIsWaitedForAndMaySendFromItsHandlers()
    {
        await using var cluster = await Cluster.StartAsync(1);
        await cluster.AddAsync(configure: options => options with { HandlerBacklogBytes = Backlog });
        ConcurrentQueue<GroupProblem> problems = [];
        cluster[1].Problem += problems.Enqueue;
        var state = new CounterState();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answered = new ConcurrentQueue<ulong>();
        var group = state.Attach(cluster[1].Group("g").On<Counted>(async (message, _) =>
        {
            await gate.Task;
            if (message.Number == 0)
                answered.Enqueue(await cluster[1].Group("g").SendAsync(new Counted(9999, "from a handler")));
        }));
        await group.JoinAsync().WaitAsync(Deadline.Default);
        var other = cluster[0].Group("g");
        await other.JoinAsync().WaitAsync(Deadline.Default);
        await SendAsync(other, 0, 2000);
        await Deadline.UntilAsync(() => !problems.IsEmpty, "the slow one says so");
        var refused = await Assert.ThrowsAsync<GroupException>(() => group.SendAsync(new Counted(-1, "too early")));
        Assert.Contains("behind", refused.Message);
        gate.SetResult();
        await Deadline.UntilAsync(() => state.Has(9999), "all is handled, the handler's own message too");
        Assert.Single(answered);
        Assert.Equal([.. Enumerable.Range(0, 2000), 9999], state.Numbers);
        Assert.Equal(2, other.Members.Length);
    }

    private static async Task<Cluster> SlowThirdAsync()
    {
        var cluster = await Cluster.StartAsync(2);
        await cluster.AddAsync(configure: options => options with { HandlerBacklogBytes = Backlog });
        await cluster.UntilVotersAsync(3);
        return cluster;
    }

    private static Task SendAsync(Group group, int from, int count)
        => Task.WhenAll(Enumerable.Range(from, count).Select(number => group.SendAsync(new Counted(number, s_text)))).WaitAsync(Deadline.Default);
}
