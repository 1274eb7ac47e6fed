namespace Flotilla.MySql.Auth;

/// <summary>mysql_clear_password: the password as it is. Over TLS only.</summary>
internal sealed class ClearTextPassword(AuthContext context) : AuthMethod(context)
{
    public override byte[] Begin() => Context.IsTls
        ? ClearPassword()
        : throw new MySqlConnectException("the server asks for the password in the clear (mysql_clear_password), which is only sent over TLS: set Tls");
}
