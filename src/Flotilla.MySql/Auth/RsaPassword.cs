using System.Security.Cryptography;
using System.Text;

namespace Flotilla.MySql.Auth;

/// <summary>A password for the holder of a private key: RSA-OAEP with SHA-1 of (password, 0) XOR the nonce, repeated.</summary>
internal static class RsaPassword
{
    public static byte[] Encrypt(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce, string publicKeyPem)
    {
        if (nonce.IsEmpty)
            throw new MySqlProtocolException("the server sent an empty nonce, which would leave the password as it is");
        var masked = new byte[password.Length + 1];
        password.CopyTo(masked);
        for (var i = 0; i < masked.Length; i++)
            masked[i] ^= nonce[i % nonce.Length];
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(publicKeyPem);
            return rsa.Encrypt(masked, RSAEncryptionPadding.OaepSHA1);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new MySqlConnectException("the server's public key cannot be used to encrypt the password: " + e.Message, e);
        }
    }

    /// <summary>The key we have; null when the server may be asked for its own.</summary>
    public static string? KnownKey(AuthContext context, string method)
    {
        if (context.ServerPublicKey is not null || context.AllowPublicKeyRetrieval)
            return context.ServerPublicKey;
        throw new MySqlConnectException(
            $"{method} needs the password itself, which is not sent over a plain connection: use Tls or a Unix socket, give the server's key in "
            + "ServerPublicKeyFile, or set AllowPublicKeyRetrieval if nobody can stand in between");
    }

    public static string ParseKey(ReadOnlySpan<byte> data) => Encoding.UTF8.GetString(data);
}
