namespace Flotilla.MySql.Auth;

/// <summary>What an authentication method needs to answer the server.</summary>
internal sealed record AuthContext
{
    /// <summary>UTF-8.</summary>
    public required byte[] Password { get; init; }

    public required byte[] Nonce { get; init; }

    /// <summary>Nobody but the server's host can listen: TLS.</summary>
    public bool IsTls { get; init; }

    public bool IsUnixSocket { get; init; }

    public bool AllowPublicKeyRetrieval { get; init; }

    /// <summary>PEM, if the user has the server's key.</summary>
    public string? ServerPublicKey { get; init; }

    public bool IsMariaDb { get; init; }
}
