using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.Sandbox;

/// <summary>Makes a certificate authority and a server certificate for one sandbox.</summary>
internal static class TlsFiles
{
    private const int KeyBits = 2048;
    private const int ValidDays = 3650;

    /// <summary>Makes them unless they are there; the authority's key is kept nowhere.</summary>
    public static void Ensure(TlsPaths paths, string name, string host, DateTimeOffset now)
    {
        if (File.Exists(paths.Authority) && File.Exists(paths.Certificate) && File.Exists(paths.Key))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(paths.Authority)!, SafeFile.Folder);
        var (from, until) = (now.AddDays(-1), now.AddDays(ValidDays));
        using var authorityKey = RSA.Create(KeyBits);
        var authority = new CertificateRequest($"CN={name} authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        authority.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authority.PublicKey, critical: false));
        using var signed = authority.CreateSelfSigned(from, until);

        using var key = RSA.Create(KeyBits);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        if (!IPAddress.TryParse(host, out var address))
            names.AddDnsName(host);
        else if (!address.Equals(IPAddress.Loopback))
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: false));
        using var certificate = request.Create(signed, from.AddMinutes(1), until.AddMinutes(-1), RandomNumberGenerator.GetBytes(16));

        SafeFile.Write(paths.Key, key.ExportRSAPrivateKeyPem() + "\n", SafeFile.Secret);
        SafeFile.Write(paths.Certificate, certificate.ExportCertificatePem() + "\n", SafeFile.Public);
        SafeFile.Write(paths.Authority, signed.ExportCertificatePem() + "\n", SafeFile.Public);
    }
}
