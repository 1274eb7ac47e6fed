using System.Security.Cryptography.X509Certificates;

namespace Flotilla.Gearman;

/// <summary>TLS to the job servers. An empty record means: TLS, the server checked against the system's authorities, no client certificate.</summary>
public sealed record GearmanTlsOptions
{
    /// <summary>Authorities that may have signed the server's certificate. Default none: the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Our own certificate with its private key, for servers that ask for one. Default none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The name that the server's certificate must bear. Default: the host of the address.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// Takes any certificate. Default false. Encrypts against listeners, but not against somebody who pretends to be the server.
    /// </summary>
    public bool TrustAnyServer { get; init; }

    /// <summary>Reads PEM files: authorities, and our certificate with its key.</summary>
    /// <param name="authoritiesPath">File with one or more certificates, or null.</param>
    /// <param name="certificatePath">Our certificate, or null.</param>
    /// <param name="keyPath">Our private key; null when it stands in <paramref name="certificatePath"/>.</param>
    public static GearmanTlsOptions FromPemFiles(string? authoritiesPath, string? certificatePath = null, string? keyPath = null)
    {
        X509Certificate2Collection? authorities = null;
        if (authoritiesPath is not null)
        {
            authorities = [];
            authorities.ImportFromPemFile(authoritiesPath);
        }

        return new GearmanTlsOptions
        {
            Authorities = authorities,
            ClientCertificate = certificatePath is null ? null : X509Certificate2.CreateFromPemFile(certificatePath, keyPath),
        };
    }
}
