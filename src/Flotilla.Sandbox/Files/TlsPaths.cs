namespace Flotilla.Sandbox;

/// <summary>Where a sandbox keeps its certificates.</summary>
/// <param name="Authority">The certificate that clients trust.</param>
/// <param name="Certificate">The servers' certificate.</param>
/// <param name="Key">Its private key, mode 600.</param>
internal sealed record TlsPaths(string Authority, string Certificate, string Key)
{
    public static TlsPaths Below(string folder)
        => new(Path.Combine(folder, "tls", "ca.pem"), Path.Combine(folder, "tls", "server.pem"), Path.Combine(folder, "tls", "server.key"));
}
