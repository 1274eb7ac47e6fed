using System.Globalization;

namespace Flotilla.Cluster.Servers;

/// <summary>Where replicas reach a server.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="CertificateAuthority">PEM file, on the replica's host, of the authority of its certificate; null: without TLS.</param>
public sealed record ServerAddress(string Host, int Port, string? CertificateAuthority = null)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
