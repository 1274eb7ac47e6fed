using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>TLS listeners: who may come, who they are, and that nobody waits for somebody else's handshake.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-tls-").FullName;
    private readonly X509Certificate2 _authority;

    public TlsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 1, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(At("ca.pem"), _authority.ExportCertificatePem());
        using var server = Issue("localhost");
        File.WriteAllText(At("server.pem"), server.ExportCertificatePem());
        File.WriteAllText(At("server.key"), server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    [Fact]
    public async Task JobsTravelOverTls()
    {
        await using var server = await StartAsync(ClientCertificateMode.None);
        using var worker = await ConnectAsync(server);
        using var client = await ConnectAsync(server);
        worker.CanDo("f").Send(PacketType.PreSleep);
        var data = new string('x', 200_000);
        var handle = client.Send(PacketType.SubmitJob, "f", "", data).Read(PacketType.JobCreated)[0];
        worker.Read(PacketType.Noop);
        Assert.Equal((handle, data), worker.Grab());
        worker.Send(PacketType.WorkComplete, handle, "done");
        Assert.Equal([handle, "done"], client.Read(PacketType.WorkComplete));
    }

    [Fact]
    public async Task AClientCertificateIsAnIdentityForAccessRules()
    {
        await using var server = await StartAsync(ClientCertificateMode.Required, new JobServerOptions
        {
            Machine = new JobMachineOptions { AccessRules = [new AccessRule("alice", "a*", AccessRights.Submit)] },
        });
        using var certificate = Issue("alice");
        using var alice = await ConnectAsync(server, certificate);
        alice.Send(PacketType.SubmitJobBg, "allowed", "", "").Read(PacketType.JobCreated);
        Assert.Equal("NOT_AUTHORIZED", alice.Send(PacketType.SubmitJobBg, "forbidden", "", "").Read(PacketType.Error)[0]);
        using var other = Issue("bob");
        using var bob = await ConnectAsync(server, other);
        Assert.Equal("NOT_AUTHORIZED", bob.Send(PacketType.SubmitJobBg, "allowed", "", "").Read(PacketType.Error)[0]);
    }

    [Fact]
    public async Task WithoutAValidCertificateNobodyComesInWhereOneIsRequired()
    {
        await using var server = await StartAsync(ClientCertificateMode.Required);
        await AssertRefusedAsync(server, null);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=alice", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await AssertRefusedAsync(server, own);
        Assert.Equal(0, server.Host.Snapshot().Connections);
        using var certificate = Issue("alice");
        using var alice = await ConnectAsync(server, certificate);
        alice.CanDo("f");
    }

    [Fact]
    public async Task ACertificateMayComeFromBelowTheAuthorityIfItsClientShowsTheWay()
    {
        await using var server = await StartAsync(ClientCertificateMode.Required);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Branch office", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var signed = request.Create(
            _authority, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddHours(2), RandomNumberGenerator.GetBytes(8));
        using var branch = signed.CopyWithPrivateKey(key);
        using var leaf = Issue("alice", branch);
        await AssertRefusedAsync(server, leaf);
        var shown = SslStreamCertificateContext.Create(leaf, [branch], offline: true);
        var stream = new SslStream(server.Connect().Stream, false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificateContext = shown }).WaitAsync(Deadline.Default);
        using var alice = new RawPeer(stream);
        alice.CanDo("f");
    }

    [Fact]
    public void CertificatesReplaceTheSecretOnlyWhenTheirAuthorityIsGiven()
    {
        var tls = new JobServerTls
        {
            CertificatePath = At("server.pem"),
            KeyPath = At("server.key"),
            ClientCertificates = ClientCertificateMode.Required,
        };
        var everywhere = new JobServerListener { EndPoint = JobServerListener.Parse("*:4730"), Tls = tls };
        Assert.Single(new JobServerOptions { SharedSecret = "sesame", Listeners = [everywhere] }.Validate());
        Assert.Single(new JobServerOptions { Listeners = [everywhere] }.Validate());
        everywhere = everywhere with { Tls = tls with { AuthorityPath = At("ca.pem") } };
        Assert.Empty(new JobServerOptions { SharedSecret = "sesame", Listeners = [everywhere] }.Validate());
        Assert.Empty(new JobServerOptions { Listeners = [everywhere] }.Validate());
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task B8_SilentConnectionsHoldUpNobody()
    {
        await using var server = await StartAsync(
            ClientCertificateMode.None, new JobServerOptions { HandshakeTimeout = TimeSpan.FromSeconds(8) });
        var silent = Enumerable.Range(0, 100).Select(_ => server.Connect()).ToList();
        using var client = await ConnectAsync(server);
        client.Send(PacketType.EchoReq, "served").Read(PacketType.EchoRes);
        Assert.All(silent, peer => Assert.True(peer.IsEnded()));
        await Deadline.UntilAsync(
            () => server.Log.Warnings.Count(line => line.Contains("took too long", StringComparison.Ordinal)) == silent.Count,
            "each is logged once");
    }

    [Fact]
    public async Task ASecretOpensTheDoorAndNothingElseDoes()
    {
        await using var server = await TestServer.StartAsync(
            new JobServerOptions { SharedSecret = "sesame", TrustLocalConnections = false });
        using var stranger = server.Connect();
        Assert.Equal("NOT_AUTHORIZED", stranger.Send(PacketType.SubmitJobBg, "f", "", "").Read(PacketType.Error)[0]);
        using var friend = server.Connect().Send(PacketType.OptionReq, "auth:sesame");
        friend.Read(PacketType.OptionRes);
        friend.Send(PacketType.SubmitJobBg, "f", "", "").Read(PacketType.JobCreated);
        using var guesser = server.Connect().Send(PacketType.OptionReq, "auth:guess");
        Assert.True(guesser.IsEnded());
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AStrangerHasLittleTimeAndMayKeepLittleMemory()
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions
        {
            SharedSecret = "sesame",
            TrustLocalConnections = false,
            HandshakeTimeout = TimeSpan.FromSeconds(4),
        });
        using var greedy = server.Connect().SendBytes(RawPeer.Header((uint)PacketMagic.Request, (uint)PacketType.EchoReq, 1_000_000));
        Assert.Equal("ARGUMENT_TOO_LARGE", greedy.Read(PacketType.Error)[0]);
        Assert.True(greedy.IsEnded());

        // Secret and a large packet in one piece: the second is measured as what its sender is by then.
        var data = new string('x', 100_000);
        using var hasty = server.Connect().SendBytes(
            [.. RawPeer.Packet(PacketType.OptionReq, "auth:sesame"), .. RawPeer.Packet(PacketType.EchoReq, data)]);
        hasty.Read(PacketType.OptionRes);
        Assert.Equal(data, hasty.Read(PacketType.EchoRes)[0]);
        using var silent = server.Connect();
        Assert.True(silent.IsEnded());
        Assert.Equal(2, server.Log.Warnings.Count);
        hasty.Send(PacketType.EchoReq, "still welcome").Read(PacketType.EchoRes);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<TestServer> StartAsync(ClientCertificateMode mode, JobServerOptions? options = null)
        => TestServer.StartAsync((options ?? new JobServerOptions()) with
        {
            Listeners =
            [
                TestServer.AnyPort with
                {
                    Tls = new JobServerTls
                    {
                        CertificatePath = At("server.pem"),
                        KeyPath = At("server.key"),
                        AuthorityPath = At("ca.pem"),
                        ClientCertificates = mode,
                    },
                },
            ],
        });

    private static async Task<RawPeer> ConnectAsync(TestServer server, X509Certificate2? certificate = null)
    {
        var stream = new SslStream(server.Connect().Stream, false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = certificate is null ? null : [certificate],
        }).WaitAsync(Deadline.Default);
        return new RawPeer(stream);
    }

    /// <summary>In TLS 1.3 the client's handshake ends before the server has seen its certificate: the refusal comes with the first read.</summary>
    private static async Task AssertRefusedAsync(TestServer server, X509Certificate2? certificate)
    {
        try
        {
            using var refused = await ConnectAsync(server, certificate);
            refused.Send(PacketType.EchoReq, "let me in");
            Assert.Equal(0, refused.Stream.Read(new byte[1]));
        }
        catch (Exception e) when (e is AuthenticationException or IOException && !IsTimeout(e))
        {
            // As it should be.
        }
    }

    /// <summary>Nobody was refused who merely was not answered.</summary>
    private static bool IsTimeout(Exception e) => e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock };

    private string At(string file) => Path.Combine(_folder, file);

    private X509Certificate2 Issue(string name, X509Certificate2? by = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var signed = request.Create(
            by ?? _authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using (signed)
            return X509CertificateLoader.LoadPkcs12(signed.CopyWithPrivateKey(key).Export(X509ContentType.Pfx), null);
    }
}
