using System.Buffers.Binary;
using System.Text;
using Flotilla.Groups.Core;
using Flotilla.Groups.Transport;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Transport;

/// <summary>Whatever comes to the port: one line that says why, that connection closed, the others undisturbed.</summary>
public sealed class HostileBytesTests
{
    private const string Secret = "a secret of the cluster";

    public static TheoryData<string, string> Hostilities => new()
    {
        { "http", "no frame of a group node (begins with 474554202F20" },
        { "garbage", "no frame of a group node" },
        { "zero length", "no frame of a group node" },
        { "long hello", "no frame of a group node" },
        { "no hello", "frame of type 240 came where the handshake was AwaitsProof" },
        { "frame first", "frame of type 48 came where the handshake was AwaitsHello" },
        { "bad hello", "it begins with no hello" },
        { "half a hello", "in the middle of its hello" },
        { "wrong secret", "its secret is another one" },
        { "no secret", "it has no secret, this node demands one" },
        { "other cluster", "it belongs to cluster 00000000000000090000000000000009, this node to 00000000000000010000000000000002" },
        { "newer version", "it speaks wire format 2, this node up to 1: upgrade this node first" },
        { "nothing", "its handshake was not over after 0.5 s" },
        { "long frame", "a frame of 1048577 bytes came, the limit is 1048576" },
        { "empty frame", "a frame of 0 bytes came" },
        { "late handshake", "a frame of type 240 came after the handshake" },
    };

    [Theory]
    [MemberData(nameof(Hostilities))]
    public async Task GetOneLineAndTheEndAndDisturbNobody(string what, string expected)
    {
        var options = new TransportOptions { Secret = Secret, HandshakeTimeout = TimeSpan.FromSeconds(what == "nothing" ? 0.5 : 20) };
        var cluster = new ClusterId(1, 2);
        await using var a = new TransportNode(1, options) { Cluster = cluster }.Begin();
        await using var b = new TransportNode(2, options) { Cluster = cluster }.Connecting(a);
        await Deadline.UntilAsync(() => a.Peers.Count == 1 && b.Peers.Count == 1, "the two are connected");
        using (var hostile = await RawPeer.ConnectAsync(a.EndPoint))
        {
            await AttackAsync(hostile, what);
            await Deadline.UntilAsync(() => a.Lines.Warnings.Any(), "a line in the log");
            if (what != "half a hello")
                await hostile.EndsAsync();
        }

        a.Send(b.Id, [1]);
        b.Send(a.Id, [2]);
        await Deadline.UntilAsync(() => a.Frames.Count == 1 && b.Frames.Count == 1, "frames between the others");
        Assert.Contains(expected, Assert.Single(a.Lines.Warnings), StringComparison.Ordinal);
        Assert.Equal(1, a.PeerUps - (what is "long frame" or "empty frame" or "late handshake" ? 1 : 0));
        Assert.DoesNotContain(b.Id, a.Losses.Select(loss => loss.Peer));
    }

    [Fact]
    public async Task TheDiallerLogsWhyItWasRefusedOnceAndTriesOn()
    {
        await using var a = new TransportNode(1, new TransportOptions { Secret = Secret }).Begin();
        await using var b = new TransportNode(2, new TransportOptions { Secret = "another secret of it" }).Connecting(a);

        await Deadline.UntilAsync(() => b.Lines.Warnings.Any() && a.Lines.Warnings.Count() >= 3, "several attempts");

        Assert.Contains("its secret is another one", Assert.Single(b.Lines.Warnings), StringComparison.Ordinal);
        Assert.Empty(a.Peers);
        Assert.Empty(b.Peers);
    }

    [Fact]
    public async Task WhoOnlyLooksWhetherSomebodyListensGetsNoLine()
    {
        await using var a = new TransportNode(1).Begin();
        using (await RawPeer.ConnectAsync(a.EndPoint))
        {
        }

        using var hostile = await RawPeer.ConnectAsync(a.EndPoint);
        await hostile.SendAsync("GET / HTTP/1.1"u8.ToArray());
        await hostile.EndsAsync();

        Assert.Contains("474554", Assert.Single(a.Lines.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooManyUnfinishedHandshakesEndTheOldest()
    {
        await using var a = new TransportNode(1, new TransportOptions { MaxHandshakes = 2, HandshakeTimeout = TimeSpan.FromMinutes(5) }).Begin();
        using var first = await RawPeer.ConnectAsync(a.EndPoint);
        using var second = await RawPeer.ConnectAsync(a.EndPoint);
        using var third = await RawPeer.ConnectAsync(a.EndPoint);

        await first.EndsAsync();

        Assert.Equal(HandshakeFrame.Accepted, await third.ShakenAsync(RawPeer.Hello(3)));
        Assert.Contains("is the oldest", Assert.Single(a.Lines.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AProofOfOneConnectionIsWorthNothingInAnother()
    {
        await using var a = new TransportNode(1, new TransportOptions { Secret = Secret }).Begin();
        var output = new Primitives.ByteQueue();
        var handshake = new Handshake(isDialler: true, RawPeer.Hello(3) with { HasSecret = true }, Encoding.UTF8.GetBytes(Secret));
        handshake.Begin(output);
        using var honest = await RawPeer.ConnectAsync(a.EndPoint);
        await honest.SendAsync(output.ToArray());
        handshake.Receive(await honest.ReceiveAsync(), output);
        var hello = output.ToArray();
        output.Clear();
        handshake.Confirm(output);
        using var replaying = await RawPeer.ConnectAsync(a.EndPoint);
        await replaying.SendAsync(hello);
        await replaying.ReceiveAsync();

        await replaying.SendAsync(output.ToArray());

        Assert.Equal((byte)HandshakeFrame.Refused, (await replaying.ReceiveAsync())![0]);
        Assert.Empty(a.Peers);
    }

    private static async Task AttackAsync(RawPeer hostile, string what)
    {
        switch (what)
        {
            case "http":
                await hostile.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
                break;
            case "garbage":
                await hostile.SendAsync([.. Enumerable.Repeat((byte)0xFF, 5000)]);
                break;
            case "zero length":
                await hostile.SendAsync(new byte[100]);
                break;
            case "long hello":
                await hostile.SendFrameAsync((byte)HandshakeFrame.Hello, new byte[Handshake.MaxFrameBytes]);
                break;
            case "no hello":
                await hostile.SendAsync([.. HelloFrame(RawPeer.Hello(3)), .. HelloFrame(RawPeer.Hello(3))]);
                break;
            case "frame first":
                await hostile.SendFrameAsync(TransportNode.FrameType, [1]);
                break;
            case "bad hello":
                await hostile.SendFrameAsync((byte)HandshakeFrame.Hello, new byte[100]);
                break;
            case "half a hello":
                await hostile.SendAsync(HelloFrame(RawPeer.Hello(3))[..20]);
                hostile.Dispose();
                break;
            case "wrong secret":
                await hostile.SendAsync(HelloFrame(RawPeer.Hello(3)));
                await hostile.ReceiveAsync();
                await hostile.SendFrameAsync((byte)HandshakeFrame.Proof, new byte[32]);
                break;
            case "no secret":
                await hostile.ShakeAsync(RawPeer.Hello(3));
                break;
            case "other cluster":
                await hostile.ShakeAsync(RawPeer.Hello(3) with { Cluster = new ClusterId(9, 9) }, Secret);
                break;
            case "newer version":
                await hostile.ShakeAsync(RawPeer.Hello(3) with { WireVersion = 2 }, Secret);
                break;
            case "nothing":
                break;
            case "long frame":
                await hostile.ShakeAsync(RawPeer.Hello(3), Secret);
                await hostile.SendAsync(Length((1 << 20) + 1));
                break;
            case "empty frame":
                await hostile.ShakeAsync(RawPeer.Hello(3), Secret);
                await hostile.SendAsync(Length(0));
                break;
            case "late handshake":
                await hostile.ShakeAsync(RawPeer.Hello(3), Secret);
                await hostile.SendAsync(HelloFrame(RawPeer.Hello(3)));
                break;
            default:
                Assert.Fail(what);
                break;
        }
    }

    private static byte[] HelloFrame(Hello hello) => RawPeer.Frame((byte)HandshakeFrame.Hello, (hello with { HasSecret = true }).ToBytes());

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes;
    }
}
