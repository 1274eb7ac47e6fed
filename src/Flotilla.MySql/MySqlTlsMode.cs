namespace Flotilla.MySql;

/// <summary>Whether the connection is encrypted and what the server must prove.</summary>
public enum MySqlTlsMode
{
    /// <summary>Not encrypted.</summary>
    None,

    /// <summary>Encrypted; anybody may be at the other end.</summary>
    Required,

    /// <summary>Encrypted; the server's certificate comes from a trusted authority.</summary>
    VerifyCa,

    /// <summary>As <see cref="VerifyCa"/>, and the certificate is for the host we called.</summary>
    VerifyFull,
}
