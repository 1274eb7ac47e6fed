namespace Flotilla.MySql.Auth;

/// <summary>unix_socket (MariaDB), auth_socket (MySQL): the server asks the kernel who we are, we say nothing.</summary>
internal sealed class UnixSocketIdentity(AuthContext context) : AuthMethod(context)
{
    public override byte[] Begin() => [];
}
