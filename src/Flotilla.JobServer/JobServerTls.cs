using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.JobServer;

/// <summary>TLS of a listener. The files are read when the server starts.</summary>
public sealed record JobServerTls
{
    /// <summary>PEM file with the server's certificate, then any that lead from it to its authority. Needed unless <see cref="Certificate"/> is given.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file with the private key; null, the default, when it is in the certificate's file.</summary>
    public string? KeyPath { get; init; }

    /// <summary>
    /// PEM file with the authorities that clients' certificates must come from; null, the default, for those the system trusts, which must not be
    /// all that guards a listener, nor spare anyone the secret.
    /// </summary>
    public string? AuthorityPath { get; init; }

    /// <summary>The server's certificate with its key, in place of the files; for programs that host the server.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// Whether clients show certificates. The common name of one is the connection's identity for access rules, and spares it the
    /// secret. Default None.
    /// </summary>
    public ClientCertificateMode ClientCertificates { get; init; } = ClientCertificateMode.None;

    /// <summary>All that is wrong, one line each.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (Certificate is null && CertificatePath is null)
            problems.Add("TLS needs CertificatePath or Certificate");
        if (Certificate is { HasPrivateKey: false })
            problems.Add("Certificate has no private key");
        foreach (var path in (string?[])[CertificatePath, KeyPath, AuthorityPath])
        {
            if (path is not null && !File.Exists(path))
                problems.Add($"TLS file {path} does not exist");
        }

        return problems;
    }

    /// <summary>What SslStream needs. Throws <see cref="System.Security.Cryptography.CryptographicException"/> for files that hold something else.</summary>
    internal SslServerAuthenticationOptions Load()
    {
        X509Certificate2Collection chain = [];
        var own = Certificate;
        if (own is null)
        {
            own = X509Certificate2.CreateFromPemFile(CertificatePath!, KeyPath);
            chain.ImportFromPemFile(CertificatePath!);
        }

        X509Certificate2Collection? authorities = null;
        if (AuthorityPath is not null)
        {
            authorities = [];
            authorities.ImportFromPemFile(AuthorityPath);
        }

        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(own, chain, offline: true),
            ClientCertificateRequired = ClientCertificates != ClientCertificateMode.None,
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = (_, certificate, sent, errors) => IsAcceptable(certificate, sent, errors, authorities),
        };
    }

    private bool IsAcceptable(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors, X509Certificate2Collection? authorities)
    {
        if (certificate is null)
            return ClientCertificates != ClientCertificateMode.Required;
        if (ClientCertificates == ClientCertificateMode.None)
            return true;
        if (authorities is null)
            return errors == SslPolicyErrors.None;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2"));
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        using var copy = new X509Certificate2(certificate);
        return chain.Build(copy);
    }
}
