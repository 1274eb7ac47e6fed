using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Flotilla.MySql.Auth;

/// <summary>mysql_native_password: SHA1(password) XOR SHA1(nonce, SHA1(SHA1(password))).</summary>
internal sealed class NativePassword(AuthContext context) : AuthMethod(context)
{
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "the method is defined by it")]
    public override byte[] Begin()
    {
        if (Context.Password.Length == 0)
            return [];
        var once = SHA1.HashData(Context.Password);
        var twice = SHA1.HashData(once);
        var mask = SHA1.HashData([.. Context.Nonce, .. twice]);
        for (var i = 0; i < once.Length; i++)
            once[i] ^= mask[i];
        return once;
    }
}
