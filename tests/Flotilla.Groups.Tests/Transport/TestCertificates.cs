using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.Groups.Transport;

namespace Flotilla.Groups.Tests.Transport;

/// <summary>Authorities, and certificates from them, as files of a folder that goes when the test does.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        File.WriteAllText(_folder.Combine(name + ".pem"), made.ExportCertificatePem());
        return made;
    }

    public GroupTls MakeNode(X509Certificate2 authority, string name)
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
