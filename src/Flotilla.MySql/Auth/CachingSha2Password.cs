using System.Security.Cryptography;

namespace Flotilla.MySql.Auth;

/// <summary>
/// caching_sha2_password. First SHA256(password) XOR SHA256(SHA256(SHA256(password)), nonce). The server then knows the user from its
/// cache (3), or wants the password (4): in the clear over TLS or a Unix socket, else encrypted to its key, which 2 asks for.
/// </summary>
internal sealed class CachingSha2Password(AuthContext context) : AuthMethod(context)
{
    private const byte KeyRequest = 2;
    private const byte FastSuccess = 3;
    private const byte FullAuthentication = 4;

    private bool _awaitsKey;

    public override byte[] Begin() => Scramble(Context.Password, Context.Nonce);

    public override byte[]? Continue(ReadOnlySpan<byte> data)
    {
        if (_awaitsKey)
        {
            _awaitsKey = false;
            return RsaPassword.Encrypt(Context.Password, Context.Nonce, RsaPassword.ParseKey(data));
        }

        switch (data)
        {
            case [FastSuccess]:
                return null;
            case [FullAuthentication] when Context.IsTls || Context.IsUnixSocket:
                return ClearPassword();
            case [FullAuthentication] when RsaPassword.KnownKey(Context, "caching_sha2_password") is { } key:
                return RsaPassword.Encrypt(Context.Password, Context.Nonce, key);
            case [FullAuthentication]:
                _awaitsKey = true;
                return [KeyRequest];
            default:
                throw new MySqlProtocolException($"the server sent caching_sha2_password data that begins with {(data.IsEmpty ? "nothing" : data[0].ToString("x2"))}; 03 or 04 was due");
        }
    }

    internal static byte[] Scramble(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce)
    {
        if (password.IsEmpty)
            return [];
        var once = SHA256.HashData(password);
        var mask = SHA256.HashData([.. SHA256.HashData(once), .. nonce]);
        for (var i = 0; i < once.Length; i++)
            once[i] ^= mask[i];
        return once;
    }
}
