using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.JobServer;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Fake;

public sealed class TlsTests
{
    [Fact]
    public async Task AClientWithACertificateTalksOverTls()
    {
        using var authority = Authority("right");
        using var serverCertificate = Issue(authority, "127.0.0.1", serial: 2);
        using var clientCertificate = Issue(authority, "client", serial: 3);
        string? seen = null;
        await using var server = FakeServer.Start(socket => ServeAsync(socket, serverCertificate, peer => seen = peer?.Subject));
        await using var client = new GearmanClient(new GearmanClientOptions
        {
            Servers = [server.Address],
            Tls = new GearmanTlsOptions { Authorities = [authority], ClientCertificate = clientCertificate },
        });
        var payload = new string('x', 20_000);
        var submits = Enumerable.Range(0, 3).Select(_ => client.SubmitBackgroundAsync("f", Encoding.ASCII.GetBytes(payload))).ToList();
        var peer = await server.AcceptClientAsync();
        for (var i = 0; i < 3; i++)
        {
            await peer.ExpectAsync(18, "f||" + payload);
            await peer.SendAsync(8, $"H:fake:{i}");
        }

        await Task.WhenAll(submits).WaitAsync(Deadline.Default);
        Assert.Equal("CN=client", seen);
    }

    [Fact]
    public async Task AServerOfAnotherAuthorityIsRefused()
    {
        using var right = Authority("right");
        using var wrong = Authority("wrong");
        using var certificate = Issue(wrong, "127.0.0.1", serial: 2);
        await using var server = FakeServer.Start(socket => ServeAsync(socket, certificate, _ => { }));
        await using var client = new GearmanClient(new GearmanClientOptions
        {
            Servers = [server.Address],
            FailoverTimeout = TimeSpan.Zero,
            Tls = new GearmanTlsOptions { Authorities = [right] },
        });
        var nobody = await Assert.ThrowsAsync<NoServerException>(() => client.EchoAsync(default).WaitAsync(Deadline.Default));
        Assert.IsType<System.Security.Authentication.AuthenticationException>(Assert.Single(nobody.Reasons));
    }

    [Fact]
    public async Task OurServerTakesClientsAndWorkersThatShowACertificate()
    {
        using var authority = Authority("right");
        using var serverCertificate = Issue(authority, "127.0.0.1", serial: 2);
        using var clientCertificate = Issue(authority, "client", serial: 3);
        var authorityPath = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(authorityPath, authority.ExportCertificatePem());
            var tls = new JobServerTls
            {
                Certificate = serverCertificate,
                AuthorityPath = authorityPath,
                ClientCertificates = ClientCertificateMode.Required,
            };
            await using var server = await JobServerHost.StartAsync(new JobServerOptions
            {
                Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Tls = tls }],
            });
            GearmanAddress[] address = [GearmanAddress.Tcp((IPEndPoint)server.Endpoints[0])];
            var shown = new GearmanTlsOptions { Authorities = [authority], ClientCertificate = clientCertificate };
            await using var worker = new GearmanWorker(new GearmanWorkerOptions { Servers = address, Tls = shown });
            worker.Register("f", Conversations.Talk.Reverse);
            await worker.StartAsync().WaitAsync(Deadline.Default);
            await using var client = new GearmanClient(new GearmanClientOptions { Servers = address, Tls = shown });
            Assert.Equal("slt", (await client.SubmitAsync("f", "tls"u8.ToArray()).WaitAsync(Deadline.Default)).Text);
            var large = new byte[300_000];
            RandomNumberGenerator.Fill(large);
            Assert.Equal(large.Length, (await client.SubmitAsync("f", large).WaitAsync(Deadline.Default)).Payload.Length);

            var anonymous = new GearmanTlsOptions { Authorities = [authority] };
            await using var stranger = new GearmanClient(
                new GearmanClientOptions { Servers = address, Tls = anonymous, FailoverTimeout = TimeSpan.Zero });
            await Assert.ThrowsAnyAsync<GearmanException>(() => stranger.EchoAsync(default).WaitAsync(Deadline.Default));
        }
        finally
        {
            File.Delete(authorityPath);
        }
    }

    private static async Task<Stream> ServeAsync(Socket socket, X509Certificate2 certificate, Action<X509Certificate?> seen)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, peer, _, _) =>
            {
                seen(peer);
                return true;
            },
        });
        return stream;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, byte serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var ip))
            names.AddIpAddress(ip);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(authority, new DateTimeOffset(authority.NotBefore), new DateTimeOffset(authority.NotAfter), [serial]);
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }
}
