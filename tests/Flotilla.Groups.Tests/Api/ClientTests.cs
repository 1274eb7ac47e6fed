using System.Collections.Concurrent;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

public sealed class ClientTests
{
    [Fact]
    public async Task AClientSendsAsksAndWatches()
    {
        await using var cluster = await Cluster.StartAsync(2);
        ConcurrentQueue<string> seen = [];
        var groups = await cluster.JoinAsync("g", (group, index) => group
            .On<string>((text, _) => seen.Enqueue(text))
            .OnQuery<Question, Answer>((_, _) => new Answer("", index)));
        await using var client = await ConnectAsync(cluster[0]);
        var views = new ConcurrentQueue<int>();
        client.Watch("g", view => views.Enqueue(view.Members.Length));
        Assert.True(await client.SendAsync("g", "hello").WaitAsync(Deadline.Default) > 0);
        await Deadline.UntilAsync(() => seen.Count == 2, "both got it");
        var result = await client.QueryAsync<Question, Answer>("g", new Question("?"), Replies.All, Deadline.Default);
        Assert.Equal([0, 1], result.Values.Select(answer => answer.Number).Order());
        await groups[1].LeaveAsync().WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => views.Contains(2) && views.Contains(1), "it saw both views");
    }

    [Fact]
    public async Task AClientGoesOnAtAnotherNodeAndDoublesNothing()
    {
        await using var cluster = await Cluster.StartAsync(3);
        ConcurrentQueue<int> seen = [];
        await cluster.JoinAsync("g", (group, index) =>
        {
            if (index == 0)
                group.On<Counted>((message, _) => seen.Enqueue(message.Number));
        });
        await using var client = await ConnectAsync(cluster[2]);
        var sends = Enumerable.Range(0, 200).Select(number => client.SendAsync("g", new Counted(number, "x"))).ToList();
        await cluster[2].KillAsync();
        sends.AddRange(Enumerable.Range(200, 100).Select(number => client.SendAsync("g", new Counted(number, "x"))));
        await Task.WhenAll(sends).WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.Count >= 300, "all arrived");
        Assert.Equal(Enumerable.Range(0, 300), seen);
    }

    [Fact]
    public async Task ARefusedMessageStopsNoneAfterIt()
    {
        await using var cluster = await Cluster.StartAsync(1);
        ConcurrentQueue<string> seen = [];
        await cluster.JoinAsync("g", (group, _) => group.On<string>((text, _) => seen.Enqueue(text)));
        await using var client = await ConnectAsync(cluster[0]);
        var first = client.SendAsync("g", "a");
        var refused = client.SendAsync("nobody", "b");
        var last = client.SendAsync("g", "c");
        var error = await Assert.ThrowsAsync<GroupException>(() => refused.WaitAsync(Deadline.Default));
        Assert.Contains("'nobody'", error.Message);
        await first.WaitAsync(Deadline.Default);
        await last.WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.Count == 2, "both arrived");
        Assert.Equal(["a", "c"], seen);
    }

    [Fact]
    public async Task AClientWithAnotherSecretIsNotLetIn()
    {
        await using var node = await GroupNode.StartAsync(new GroupOptions { Name = "n", Founding = Founding.Alone, Secret = "a secret of many characters" });
        var logger = new LineLogger();
        using var patience = new CancellationTokenSource();
        var connecting = GroupClient.ConnectAsync(new GroupClientOptions { Nodes = [node.Address], Secret = "another one of many more", Logger = logger }, patience.Token);
        await Deadline.UntilAsync(() => logger.All.Any(line => line.Contains("secret")), "it is told why");
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        await using var client = await GroupClient.ConnectAsync(new GroupClientOptions { Nodes = [node.Address], Secret = "a secret of many characters" }).WaitAsync(Deadline.Default);
        Assert.Equal(node.Address, client.Node);
    }

    private static Task<GroupClient> ConnectAsync(GroupNode node)
        => GroupClient.ConnectAsync(new GroupClientOptions { Nodes = [node.Address], Messages = TestMessages.Catalog() }).WaitAsync(Deadline.Default);
}
