using System.Net.Sockets;
using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Groups.Transport;
using Flotilla.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Transport;

public sealed class NodeTransportTests
{
    private const string Secret = "a secret of the cluster";

    public static TheoryData<SocketLoopKind> Kinds
        => SocketLoop.IsEpollSupported ? [SocketLoopKind.Epoll, SocketLoopKind.Portable] : [SocketLoopKind.Portable];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ThreeNodesThatAllDialGetOneConnectionPerPairAndExchangeFrames(SocketLoopKind kind)
    {
        await using var a = new TransportNode(1, kind: kind);
        await using var b = new TransportNode(2, kind: kind);
        await using var c = new TransportNode(3, kind: kind);
        TransportNode[] all = [a, b, c];
        foreach (var node in all)
            node.Connecting(all);
        await ConnectedAsync(all);

        foreach (var from in all)
        {
            foreach (var to in all.Where(to => to != from))
                from.Send(to.Id, [(byte)from.Id.Value, (byte)to.Id.Value]);
        }

        foreach (var node in all)
        {
            await Deadline.UntilAsync(() => node.Frames.Count >= 2, "frames of both others");
            Assert.All(node.Frames, frame => Assert.Equal([TransportNode.FrameType, (byte)frame.Peer.Value, (byte)node.Id.Value], frame.Frame));
        }
    }

    [Fact]
    public async Task CrossedDialsSettleOnOneConnection()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var a = new TransportNode(1);
            await using var b = new TransportNode(2);
            a.Seeds = [b.EndPoint.ToString()];
            b.Seeds = [a.EndPoint.ToString()];
            a.Begin();
            b.Begin();
            await ConnectedAsync(a, b);
            a.Send(b.Id, [1]);
            b.Send(a.Id, [2]);
            await Deadline.UntilAsync(() => a.Frames.Count == 1 && b.Frames.Count == 1, "a frame each way");
            Assert.Empty(a.Lines.Warnings);
            Assert.Empty(b.Lines.Warnings);
        }
    }

    [Fact]
    public async Task ANodeThatDisappearsIsKnownToBeGone()
    {
        await using var a = new TransportNode(1).Begin();
        var b = new TransportNode(2).Connecting(a);
        await ConnectedAsync(a, b);

        await b.DisposeAsync();

        await Deadline.UntilAsync(() => a.Losses.Contains((b.Id, PeerLoss.ProcessGone)), "process gone");
        Assert.Equal([(b.Id, PeerLoss.Broken), (b.Id, PeerLoss.ProcessGone)], a.Losses);
    }

    [Fact]
    public async Task AConnectionThatBreaksWhileTheProcessLivesIsMadeAnew()
    {
        await using var a = new TransportNode(1);
        await using var b = new TransportNode(2);
        a.Connecting(b);
        b.Connecting(a);
        await ConnectedAsync(a, b);

        a.Disconnect(b.Id, "to see what happens");

        await Deadline.UntilAsync(() => a.Losses.Count == 1 && b.Losses.Count == 1, "both heard of the end");
        await ConnectedAsync(a, b);
        Assert.DoesNotContain(a.Losses.Concat(b.Losses), loss => loss.Loss == PeerLoss.ProcessGone);
    }

    [Fact]
    public async Task AfterAGoodbyeTheEndIsInOrder()
    {
        await using var a = new TransportNode(1).Begin();
        var b = new TransportNode(2).Connecting(a);
        await ConnectedAsync(a, b);
        b.SayGoodbye(a.Id);
        await Deadline.UntilAsync(() => !a.Frames.IsEmpty, "the goodbye");

        await b.DisposeAsync();

        await Deadline.UntilAsync(() => !a.Losses.IsEmpty, "the end");
        Assert.Equal([(b.Id, PeerLoss.Closed)], a.Losses);
    }

    [Fact]
    public async Task APeerThatRestartsTakesTheConnectionOver()
    {
        await using var a = new TransportNode(1).Begin();
        using var old = await RawPeer.ConnectAsync(a.EndPoint);
        Assert.Equal(HandshakeFrame.Accepted, await old.ShakenAsync(RawPeer.Hello(2)));
        await Deadline.UntilAsync(() => a.Peers.Count == 1, "the first connection");

        using var fresh = await RawPeer.ConnectAsync(a.EndPoint);
        Assert.Equal(HandshakeFrame.Accepted, await fresh.ShakenAsync(RawPeer.Hello(2) with { Instance = 2, Id = new MemberId(new NodeId(2), 2) }));

        await Deadline.UntilAsync(() => a.PeerUps == 2, "the second connection");
        await old.EndsAsync();
        Assert.Equal([(new NodeId(2), PeerLoss.Broken)], a.Losses);
        Assert.Equal(2U, a.Peers[new NodeId(2)].Id.Incarnation);
    }

    [Fact]
    public async Task ASilentPeerIsGivenUpAndAnIdleOneIsKeptAlive()
    {
        var options = new TransportOptions { SilenceLimit = TimeSpan.FromMilliseconds(400) };
        await using var a = new TransportNode(1, options).Begin();
        await using var b = new TransportNode(2, options).Connecting(a);
        await ConnectedAsync(a, b);
        using var silent = await RawPeer.ConnectAsync(a.EndPoint);
        await silent.ShakeAsync(RawPeer.Hello(3));

        await Deadline.UntilAsync(() => a.Losses.Any(loss => loss.Peer.Value == 3), "the silent one is given up");

        Assert.Contains(a.Lines.Warnings, line => line.Contains("silent for 0.4 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NodesWithTheSameSecretConnect()
    {
        var options = new TransportOptions { Secret = Secret };
        await using var a = new TransportNode(1, options).Begin();
        await using var b = new TransportNode(2, options).Connecting(a);

        await ConnectedAsync(a, b);
    }

    [Fact]
    public async Task ANodeReachedByTwoNamesIsConnectedOnceAndDialsItselfOnlyOnce()
    {
        await using var a = new TransportNode(1).Begin();
        await using var b = new TransportNode(2);
        b.Seeds = [a.EndPoint.ToString(), $"localhost:{a.EndPoint.Port}", $"localhost:{b.EndPoint.Port}"];
        b.Begin();
        await ConnectedAsync(a, b);
        a.Send(b.Id, [1]);

        await Deadline.UntilAsync(() => !b.Frames.IsEmpty, "a frame");

        Assert.Equal(1, a.PeerUps);
        Assert.Empty(a.Lines.Warnings);
        Assert.Empty(b.Lines.Warnings);
    }

    [Fact]
    public async Task ANodeThatIsNotThereYetIsFoundWhenItComes()
    {
        var port = FreePort.Next();
        await using var a = new TransportNode(1, discovery: new HostListDiscovery([$"127.0.0.1:{port}"])).Begin();
        await Deadline.UntilAsync(() => a.Lines.Warnings.Any(), "the first failed attempt");
        await using var b = new TransportNode(2, port: port).Begin();

        await ConnectedAsync(a, b);

        Assert.Single(a.Lines.Warnings);
    }

    [Fact]
    public async Task ADiscoveryThatFailsIsLoggedAndAskedAgain()
    {
        await using var b = new TransportNode(2).Begin();
        var discovery = new FlakyDiscovery(b.EndPoint.ToString());
        await using var a = new TransportNode(1, new TransportOptions { DiscoverEvery = TimeSpan.FromMilliseconds(20) }, discovery: discovery).Begin();

        await ConnectedAsync(a, b);

        Assert.Contains(a.Lines.Warnings, line => line.Contains("no answer from the name server", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TwoProcessesWithOneIdentityAreToldApart()
    {
        await using var a = new TransportNode(1).Begin();
        await using var copy = new TransportNode(1).Connecting(a);

        await Deadline.UntilAsync(() => copy.Lines.Warnings.Any(), "the copy notices");

        Assert.Contains("was the data directory copied?", copy.Lines.Warnings.First(), StringComparison.Ordinal);
        Assert.Empty(a.Peers);
    }

    [Fact]
    public async Task ClientsAreServedBesideNodes()
    {
        await using var a = new TransportNode(1).Begin();
        using var client = await RawPeer.ConnectAsync(a.EndPoint);
        Assert.Equal(HandshakeFrame.Accepted, await client.ShakenAsync(RawPeer.Hello(0, PeerRole.Client, "")));
        await client.SendFrameAsync(100, [1, 2]);
        await Deadline.UntilAsync(() => !a.ClientFrames.IsEmpty, "the client's frame");
        var (id, frame) = a.ClientFrames.First();
        Assert.Equal([100, 1, 2], frame);

        a.SendToClient(id, [9]);

        Assert.Equal("3009", Convert.ToHexString(await client.ReceiveAsync() ?? []));
        client.Dispose();
        await Deadline.UntilAsync(() => a.Clients.IsEmpty, "the client is gone");
        Assert.Empty(a.Peers);
    }

    [Fact]
    public async Task APeerThatDoesNotReadLosesFramesAndNobodyElseDoes()
    {
        var options = new TransportOptions { PeerOutputLimitBytes = 1 << 20 };
        await using var a = new TransportNode(1, options).Begin();
        await using var b = new TransportNode(2).Connecting(a);
        using var deaf = await RawPeer.ConnectAsync(a.EndPoint);
        await deaf.ShakeAsync(RawPeer.Hello(3));
        await ConnectedAsync(a, b);
        await Deadline.UntilAsync(() => a.Peers.Count == 2, "both connected");
        for (var i = 0; i < 200; i++)
            a.Send(new NodeId(3), new byte[500_000]);
        a.Send(b.Id, [7]);

        await Deadline.UntilAsync(() => !b.Frames.IsEmpty, "the other's frame");

        Assert.Contains(new NodeId(3), a.Peers.Keys);
    }

    private static Task ConnectedAsync(params TransportNode[] nodes)
        => Deadline.UntilAsync(
            () => nodes.All(node => nodes.All(other => other == node || node.Peers.ContainsKey(other.Id))),
            "all connected: " + string.Join(" | ", nodes.SelectMany(node => node.Lines.All)));

    private sealed class FlakyDiscovery(string address) : INodeDiscovery
    {
        private int _asked;

        public Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellation)
            => ++_asked < 3 ? throw new SocketException((int)SocketError.HostNotFound, "no answer from the name server") : Task.FromResult<IReadOnlyList<string>>([address]);
    }
}
