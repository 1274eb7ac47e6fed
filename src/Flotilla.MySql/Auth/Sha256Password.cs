namespace Flotilla.MySql.Auth;

/// <summary>sha256_password: the password in the clear over TLS; else encrypted to the server's key, which 1 asks for.</summary>
internal sealed class Sha256Password(AuthContext context) : AuthMethod(context)
{
    private const byte KeyRequest = 1;

    public override byte[] Begin()
    {
        if (Context.Password.Length == 0)
            return [0];
        if (Context.IsTls)
            return ClearPassword();
        return RsaPassword.KnownKey(Context, "sha256_password") is { } key
            ? RsaPassword.Encrypt(Context.Password, Context.Nonce, key)
            : [KeyRequest];
    }

    public override byte[] Continue(ReadOnlySpan<byte> data)
        => RsaPassword.Encrypt(Context.Password, Context.Nonce, RsaPassword.ParseKey(data));
}
