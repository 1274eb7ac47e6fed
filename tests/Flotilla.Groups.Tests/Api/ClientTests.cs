using System.Collections.Concurrent;
using Flotilla.Groups.Tests.Transport;
using Flotilla.Groups.Transport;
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

    [Fact]
    public async Task AClientWorksOverTlsAndTheSecretAtOnceAndGoesOnAtAnotherNode()
    {
        using var certificates = new TestCertificates();
        using var authority = certificates.MakeAuthority("authority");
        await using var cluster = new Cluster();
        for (var i = 0; i < 3; i++)
            await cluster.AddAsync(configure: options => options with { Secret = Secret, Tls = certificates.MakeNode(authority, options.Name) });
        await cluster.UntilVotersAsync(3);
        ConcurrentQueue<int> seen = [];
        await cluster.JoinAsync("g", (group, index) =>
        {
            group.OnQuery<Question, Answer>((_, _) => new Answer("", index));
            if (index == 0)
                group.On<Counted>((message, _) => seen.Enqueue(message.Number));
        });
        await using var client = await GroupClient.ConnectAsync(new GroupClientOptions
        {
            Nodes = [cluster[2].Address], Secret = Secret, Tls = certificates.MakeNode(authority, "client"), Messages = TestMessages.Catalog(),
        }).WaitAsync(Deadline.Default);
        var large = new string('x', 200_000);
        var sends = Enumerable.Range(0, 20).Select(number => client.SendAsync("g", new Counted(number, large))).ToList();
        await Task.WhenAll(sends).WaitAsync(Deadline.Default);
        var result = await client.QueryAsync<Question, Answer>("g", new Question("?"), Replies.All, Deadline.Default);
        Assert.Equal([0, 1, 2], result.Values.Select(answer => answer.Number).Order());
        await cluster[2].KillAsync();
        await client.SendAsync("g", new Counted(20, "elsewhere")).WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => seen.Count == 21, "all arrived");
        Assert.Equal(Enumerable.Range(0, 21), seen);
        Assert.NotEqual(cluster[2].Address, client.Node);
    }

    [Theory]
    [InlineData("a certificate of another authority", "TLS handshake")]
    [InlineData("no certificate", "TLS handshake")]
    [InlineData("no secret", "it has no secret")]
    public async Task AClientWithoutWhatTheNodeDemandsIsNotLetInAndTheNodeSaysWhy(string what, string expected)
    {
        using var certificates = new TestCertificates();
        using var authority = certificates.MakeAuthority("authority");
        using var other = certificates.MakeAuthority("other");
        var logger = new LineLogger();
        await using var node = await GroupNode.StartAsync(new GroupOptions
        {
            Name = "n", Founding = Founding.Alone, Secret = Secret, Tls = certificates.MakeNode(authority, "n"), Logger = logger,
        });
        var options = new GroupClientOptions
        {
            Nodes = [node.Address],
            Secret = what == "no secret" ? null : Secret,
            Tls = what == "no certificate" ? null : certificates.MakeNode(what == "no secret" ? authority : other, "client"),
        };
        using var patience = new CancellationTokenSource();
        var connecting = GroupClient.ConnectAsync(options, patience.Token);
        await Deadline.UntilAsync(() => logger.Warnings.Any(line => line.Contains(expected, StringComparison.Ordinal)), "the node's line");
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task BytesThatAreNoClientsFrameEndThatConnectionOnly()
    {
        var logger = new LineLogger();
        await using var node = await GroupNode.StartAsync(new GroupOptions { Name = "n", Founding = Founding.Alone, Logger = logger });
        await using var client = await ConnectAsync(node);
        using var hostile = await RawPeer.ConnectAsync(node.EndPoint);
        await hostile.ShakeAsync(RawPeer.Hello(0, PeerRole.Client));
        await hostile.SendFrameAsync(1, [1, 2, 3]);
        Assert.Equal(71, (await hostile.ReceiveAsync())![0]);
        await hostile.EndsAsync();
        Assert.Contains("no frame of a client", Assert.Single(logger.Warnings));
        await node.Group("g").JoinAsync().WaitAsync(Deadline.Default);
        Assert.True(await client.SendAsync("g", "still here").WaitAsync(Deadline.Default) > 0);
    }

    private const string Secret = "a secret of many characters";

    private static Task<GroupClient> ConnectAsync(GroupNode node)
        => GroupClient.ConnectAsync(new GroupClientOptions { Nodes = [node.Address], Messages = TestMessages.Catalog() }).WaitAsync(Deadline.Default);
}
