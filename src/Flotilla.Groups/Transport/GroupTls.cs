using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.Groups.Transport;

/// <summary>Mutual TLS between nodes: each shows a certificate that comes from the authority and proves that it has its key.</summary>
public sealed record GroupTls
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>PEM file with the node's certificate, then any that lead from it to its authority.</summary>
    public required string CertificatePath { get; init; }

    /// <summary>PEM file with the private key; null, the default, when it is in the certificate's file.</summary>
    public string? KeyPath { get; init; }

    /// <summary>PEM file with the authorities that all nodes' and clients' certificates must come from; it should be the cluster's own.</summary>
    public required string AuthorityPath { get; init; }

    /// <summary>All that is wrong, one line each.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> wrong = [];
        foreach (var path in (string?[])[CertificatePath, KeyPath, AuthorityPath])
        {
            if (path is not null && !File.Exists(path))
                wrong.Add($"TLS file {path} does not exist");
        }

        return wrong;
    }

    internal SslServerAuthenticationOptions LoadServer()
    {
        var authorities = LoadAuthorities();
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = LoadOwn(),
            ClientCertificateRequired = true,
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = (_, certificate, sent, _) => IsFrom(authorities, certificate, sent, ClientUsage),
        };
    }

    internal SslClientAuthenticationOptions LoadClient(string host)
    {
        var authorities = LoadAuthorities();
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificateContext = LoadOwn(),
            AllowRenegotiation = false,
            // Who has a certificate of the cluster's authority is a member of it, whatever address it is reached at.
            RemoteCertificateValidationCallback = (_, certificate, sent, _) => IsFrom(authorities, certificate, sent, ServerUsage),
        };
    }

    private SslStreamCertificateContext LoadOwn()
    {
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(CertificatePath);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(CertificatePath, KeyPath), chain, offline: true);
    }

    private X509Certificate2Collection LoadAuthorities()
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(AuthorityPath);
        return authorities;
    }

    private static bool IsFrom(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? sent, string usage)
    {
        if (certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        using var copy = new X509Certificate2(certificate);
        return chain.Build(copy);
    }
}
