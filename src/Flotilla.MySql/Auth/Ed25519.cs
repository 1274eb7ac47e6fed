using System.Security.Cryptography;

namespace Flotilla.MySql.Auth;

/// <summary>
/// Signatures by RFC 8032, 5.1. The same operations in the same order whatever the secret: no branch and no index depends on it. Small
/// rather than fast: a signature takes about a millisecond, once per connection.
/// </summary>
internal static class Ed25519
{
    /// <summary>Signs; the seed is hashed with SHA-512, so any length will do (the RFC's keys have 32 bytes).</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        Span<byte> expanded = stackalloc byte[64];
        var secret = Expand(seed, expanded);
        var publicKey = EdwardsPoint.Base.Times(secret).Encode();
        var r = Scalar25519.Reduce(SHA512.HashData([.. expanded[32..], .. message]));
        var signature = new byte[64];
        EdwardsPoint.Base.Times(r).Encode().CopyTo(signature, 0);
        var h = Scalar25519.Reduce(SHA512.HashData([.. signature.AsSpan(0, 32), .. publicKey, .. message]));
        Scalar25519.MultiplyAdd(h, secret, r).CopyTo(signature.AsSpan(32));
        CryptographicOperations.ZeroMemory(expanded);
        CryptographicOperations.ZeroMemory(secret);
        return signature;
    }

    /// <summary>The public key of a seed.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        Span<byte> expanded = stackalloc byte[64];
        return EdwardsPoint.Base.Times(Expand(seed, expanded)).Encode();
    }

    private static byte[] Expand(ReadOnlySpan<byte> seed, Span<byte> expanded)
    {
        SHA512.HashData(seed, expanded);
        var secret = expanded[..32].ToArray();
        secret[0] &= 0xf8;
        secret[31] = (byte)((secret[31] & 0x7f) | 0x40);
        return secret;
    }
}
