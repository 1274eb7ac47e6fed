using System.Security.Cryptography.X509Certificates;
using Flotilla.Groups.Transport;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Transport;

/// <summary>Certificates as a node is told of them.</summary>
internal static class NodeCertificates
{
    public static GroupTls MakeNode(this TestCertificates certificates, X509Certificate2 authority, string name)
    {
        var (certificate, its) = certificates.MakeNodeFiles(authority, name);
        return new GroupTls { CertificatePath = certificate, AuthorityPath = its };
    }
}
