namespace Flotilla.MySql.Auth;

/// <summary>
/// client_ed25519 (MariaDB): the nonce of 32 bytes, signed. The key is as in RFC 8032, only that the password, of any length, takes the
/// place of the 32 random bytes.
/// </summary>
internal sealed class Ed25519Password(AuthContext context) : AuthMethod(context)
{
    /// <summary>An account without a password has no key; the server takes an empty answer for it.</summary>
    public override byte[] Begin() => Context.Password.Length == 0 ? [] : Ed25519.Sign(Context.Password, Context.Nonce);
}
