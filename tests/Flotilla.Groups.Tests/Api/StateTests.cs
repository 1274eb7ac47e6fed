using System.Collections.Concurrent;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

public sealed class StateTests
{
    [Fact]
    public async Task ANewcomerGetsTheStateAndThenWhatFollows()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var states = new[] { new CounterState(), new CounterState(), new CounterState() };
        var groups = await cluster.JoinAsync("g", (group, index) => states[index].Attach(group));
        for (var i = 0; i < 50; i++)
            await groups[0].SendAsync(new Counted(i, "x")).WaitAsync(Deadline.Default);
        var late = await cluster.AddAsync();
        var group = states[2].Attach(late.Group("g"));
        using var stop = new CancellationTokenSource();
        var sending = SendUntilAsync(groups[1], stop.Token);
        await group.JoinAsync().WaitAsync(Deadline.Default);
        await stop.CancelAsync();
        await sending;
        await group.SendAsync(new Counted(7_000_000, "last")).WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => states.All(state => state.Has(7_000_000)), "all have the last");
        Assert.Equal(states[0].Numbers, states[2].Numbers);
        Assert.Equal(states[0].Numbers, states[1].Numbers);
        Assert.Equal(1, states[2].Loads);
    }

    [Fact]
    public async Task AStateOfManyPiecesIsReadAsItWasWritten()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var state = new byte[10 << 20];
        new Primitives.SeededRandom(5).Fill(state);
        var loaded = Array.Empty<byte>();
        await cluster.JoinAsync("g", (group, index) => group.OnCheckpoint(
            async writer =>
            {
                await writer.WriteAsync(new Counted(index, "head"));
                await writer.WriteAsync((ReadOnlyMemory<byte>)state);
            },
            async reader =>
            {
                Assert.Equal("head", (await reader.ReadAsync<Counted>()).Text);
                var read = new byte[state.Length];
                Assert.Equal(read.Length, await reader.ReadAsync(read));
                Assert.False(await reader.HasMoreAsync());
                loaded = read;
            }));
        Assert.True(loaded.AsSpan().SequenceEqual(state));
    }

    [Fact]
    public async Task AStateThatCannotBeLoadedKeepsTheNodeOutOfTheGroup()
    {
        await using var cluster = await Cluster.StartAsync(2);
        await new CounterState().Attach(cluster[0].Group("g")).JoinAsync().WaitAsync(Deadline.Default);
        ConcurrentQueue<GroupProblem> problems = [];
        cluster[1].Problem += problems.Enqueue;
        var group = cluster[1].Group("g").OnCheckpoint(_ => Task.CompletedTask, _ => throw new FormatException("what is this?"));
        await Assert.ThrowsAsync<GroupException>(() => group.JoinAsync().WaitAsync(Deadline.Default));
        Assert.Contains(problems, problem => problem.Failure?.Message == "what is this?");
        await Deadline.UntilAsync(() => cluster[0].Group("g").Members.Length == 1, "it left");
    }

    [Fact]
    public async Task ADonorThatCannotMakeItIsReplaced()
    {
        await using var cluster = await Cluster.StartAsync(3);
        await new CounterState().Attach(cluster[0].Group("g")).JoinAsync().WaitAsync(Deadline.Default);
        var broken = cluster[1].Group("g").OnCheckpoint(_ => throw new FormatException("no"), async reader =>
        {
            while (await reader.HasMoreAsync())
                await reader.ReadAsync<Counted>();
        });
        await broken.JoinAsync().WaitAsync(Deadline.Default);
        await broken.SendAsync(new Counted(1, "x")).WaitAsync(Deadline.Default);
        var state = new CounterState();
        var late = state.Attach(cluster[2].Group("g"));
        late.Donors = [cluster[1].Id.Node];
        await late.JoinAsync().WaitAsync(Deadline.Default);
        Assert.Equal([1], state.Numbers);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task APersistentStateComesBackAfterAllNodesWereDown()
    {
        using var folder = new TempFolder();
        var before = new CounterState();
        GroupOptions Options() => new() { Name = "n", Messages = TestMessages.Catalog(), DataDirectory = folder.Path, Founding = Founding.Alone };
        var node = await GroupNode.StartAsync(Options());
        var group = before.Attach(node.Group("g"), isPersistent: true);
        await group.JoinAsync().WaitAsync(Deadline.Default);
        for (var i = 0; i < 20; i++)
            await group.SendAsync(new Counted(i, "x"), Core.Delivery.SafeDurable).WaitAsync(Deadline.Default);
        await group.Dictionary.PutAsync("k", new byte[] { 1, 2 }, Core.Delivery.SafeDurable).WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => before.Numbers.Count == 20, "all are handled");
        await node.KillAsync();
        var after = new CounterState();
        await using var again = await GroupNode.StartAsync(Options());
        group = after.Attach(again.Group("g"), isPersistent: true);
        await group.JoinAsync().WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => after.Numbers.Count == 20, "all came back");
        Assert.Equal(before.Numbers, after.Numbers);
        var item = await group.Dictionary.GetAsync("k");
        Assert.Equal(new byte[] { 1, 2 }, item!.Value.ToArray());
    }

    private static async Task SendUntilAsync(Group group, CancellationToken stop)
    {
        for (var number = 1000; !stop.IsCancellationRequested; number++)
            await group.SendAsync(new Counted(number, "meanwhile"), cancellation: CancellationToken.None);
    }
}
