using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.Groups.Transport;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Transport;

public sealed class TlsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NodesWithCertificatesOfOneAuthorityConnect()
    {
        using var authority = MakeAuthority("authority");
        await using var a = new TransportNode(1, new TransportOptions { Tls = MakeNode(authority, "a") });
        await using var b = new TransportNode(2, new TransportOptions { Tls = MakeNode(authority, "b") });
        a.Connecting(b);
        b.Connecting(a);
        await Deadline.UntilAsync(() => a.Peers.Count == 1 && b.Peers.Count == 1, "connected");

        a.Send(b.Id, new byte[500_000]);
        b.Send(a.Id, [2]);

        await Deadline.UntilAsync(() => a.Frames.Count == 1 && b.Frames.Count == 1, "a frame each way");
        Assert.Empty(a.Lines.Warnings);
    }

    [Fact]
    public async Task ANodeWithACertificateOfAnotherAuthorityIsRefusedWithOneLine()
    {
        using var authority = MakeAuthority("authority");
        using var other = MakeAuthority("other");
        await using var a = new TransportNode(1, new TransportOptions { Tls = MakeNode(authority, "a") }).Begin();
        await using var b = new TransportNode(2, new TransportOptions { Tls = MakeNode(other, "b") }).Connecting(a);

        await Deadline.UntilAsync(() => b.Lines.Warnings.Any(), "the refusal");

        Assert.Contains("127.0.0.1", b.Lines.Warnings.First(), StringComparison.Ordinal);
        Assert.Empty(a.Peers);
        Assert.Empty(b.Peers);
    }

    [Fact]
    public async Task PlainBytesOnATlsPortAreOneLine()
    {
        using var authority = MakeAuthority("authority");
        await using var a = new TransportNode(1, new TransportOptions { Tls = MakeNode(authority, "a") }).Begin();
        using var hostile = await RawPeer.ConnectAsync(a.EndPoint);
        await hostile.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await hostile.EndsAsync();

        await Deadline.UntilAsync(() => a.Lines.Warnings.Any(), "a line");

        Assert.Contains("TLS handshake", Assert.Single(a.Lines.Warnings), StringComparison.Ordinal);
    }

    private X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        File.WriteAllText(_folder.Combine(name + ".pem"), made.ExportCertificatePem());
        return made;
    }

    private GroupTls MakeNode(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var made = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_folder.Combine(name + ".pem"), made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        return new GroupTls
        {
            CertificatePath = _folder.Combine(name + ".pem"),
            AuthorityPath = _folder.Combine(authority.GetNameInfo(X509NameType.SimpleName, false) + ".pem"),
        };
    }
}
