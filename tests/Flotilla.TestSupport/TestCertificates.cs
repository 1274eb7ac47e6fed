using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.TestSupport;

/// <summary>Authorities, and certificates from them, as files of a folder that goes when the test does.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        File.WriteAllText(Path.Combine(_folder, name + ".pem"), made.ExportCertificatePem());
        return made;
    }

    /// <summary>A node's certificate with its key, and that of its authority.</summary>
    public (string Certificate, string Authority) MakeNodeFiles(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var made = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Path.Combine(_folder, name + ".pem"), made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        return (Path.Combine(_folder, name + ".pem"), Path.Combine(_folder, authority.GetNameInfo(X509NameType.SimpleName, false) + ".pem"));
    }
}
