using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.TestSupport;

namespace Flotilla.Sockets.Tests;

/// <summary>TLS on a listener of either kind of loop.</summary>
public sealed class TlsTests
{
    [Theory]
    [MemberData(nameof(SocketLoopTests.Kinds), MemberType = typeof(SocketLoopTests))]
    public async Task MessagesComeBackOverTls(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind, tls: ServerOptions());
        using var client = await ConnectAsync(server);
        foreach (var size in (int[])[1, 100, 20_000, 3_000_000])
        {
            var sent = RandomNumberGenerator.GetBytes(size);
            var back = new byte[size];
            var reading = client.ReadExactlyAsync(back).AsTask();
            await client.WriteAsync(sent);
            await reading.WaitAsync(Deadline.Default);
            Assert.Equal(sent, back);
        }

        await client.ShutdownAsync();
        await Deadline.UntilAsync(() => server.Open == 0, "the end is seen");
    }

    [Theory]
    [MemberData(nameof(SocketLoopTests.Kinds), MemberType = typeof(SocketLoopTests))]
    [Trait("tier", "full")]
    public async Task B8_SilentPeersHoldUpNobodyAndAreGivenUp(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind, tls: ServerOptions());
        var silent = Enumerable.Range(0, 50).Select(_ => server.Connect()).ToList();
        using var client = await ConnectAsync(server);
        await client.WriteAsync("x"u8.ToArray());
        await client.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(
            () => server.Told.Count(told => told.Kind == SocketEventKind.HandshakeFailed) == silent.Count, "the handshakes time out");
        Assert.All(silent, socket => Assert.Equal(0, socket.Receive(new byte[1])));
        Assert.Equal(1, server.Open);
    }

    [Fact]
    public async Task AnythingButTlsFailsTheHandshakeOnly()
    {
        await using var server = new EchoServer(SocketLoopKind.Automatic, tls: ServerOptions());
        using var wrong = server.Connect();
        wrong.Send("status\n"u8);
        await Deadline.UntilAsync(() => server.Told.Any(told => told.Kind == SocketEventKind.HandshakeFailed), "it is refused");
        using var client = await ConnectAsync(server);
        Assert.Equal(1, server.Loop.ConnectionCount);
    }

    private static async Task<SslStream> ConnectAsync(EchoServer server)
    {
        var stream = new SslStream(new NetworkStream(server.Connect(), ownsSocket: true), false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync("localhost").WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => server.Open > 0, "it is accepted");
        return stream;
    }

    private static SslServerAuthenticationOptions ServerOptions()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        return new SslServerAuthenticationOptions { ServerCertificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1)) };
    }
}
