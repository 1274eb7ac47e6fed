namespace Flotilla.JobServer;

/// <summary>What a TLS listener asks of its clients.</summary>
public enum ClientCertificateMode
{
    /// <summary>No certificate is asked for.</summary>
    None,

    /// <summary>A client may show a certificate; a valid one authenticates it, a wrong one ends the connection.</summary>
    Allowed,

    /// <summary>Only clients with a valid certificate may connect.</summary>
    Required,
}
