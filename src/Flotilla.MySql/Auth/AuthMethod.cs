namespace Flotilla.MySql.Auth;

/// <summary>The client's side of one authentication method: bytes to bytes, no I/O.</summary>
internal abstract class AuthMethod(AuthContext context)
{
    protected AuthContext Context { get; } = context;

    /// <summary>What is sent with the handshake response or in answer to a switch to this method.</summary>
    public abstract byte[] Begin();

    /// <summary>Answers further data of the server; null when there is nothing to say but to wait for its verdict.</summary>
    public virtual byte[]? Continue(ReadOnlySpan<byte> data)
        => throw new MySqlProtocolException($"the server sent {data.Length} more bytes of authentication data, which {GetType().Name} has no use for");

    /// <summary>The password and a zero byte.</summary>
    protected byte[] ClearPassword() => [.. Context.Password, 0];

    /// <summary>Null when we have no such method.</summary>
    public static AuthMethod? Create(string name, AuthContext context) => name switch
    {
        "mysql_native_password" => new NativePassword(context),
        "caching_sha2_password" => new CachingSha2Password(context),
        "sha256_password" => new Sha256Password(context),
        "client_ed25519" => new Ed25519Password(context),
        "mysql_clear_password" => new ClearTextPassword(context),
        "unix_socket" or "auth_socket" => new UnixSocketIdentity(context),
        _ => null,
    };
}
