using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// The accounts that nodes and replicas use, the same on every server: one of the nodes, and one for each replica, so that a primary can lock out one without the others.
/// Passwords come from the secret that all nodes share.
/// </summary>
public sealed class ServerAccounts
{
    /// <summary>The account of the nodes: may write where nobody else may.</summary>
    public const string NodeUser = "flotilla";

    private const string ReplicaPrefix = "flotilla_";

    /// <summary>What servers that check passwords want one to have: a capital, a small letter, a sign and a digit.</summary>
    private const string PasswordStart = "Fl-0";

    /// <summary>32 characters with the start: MySQL 5.6 takes no longer password of a replica.</summary>
    private const int PasswordBytes = 14;

    private readonly byte[] _secret;

    /// <param name="secret">The secret of the cluster, not empty.</param>
    public ServerAccounts(string secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        _secret = Encoding.UTF8.GetBytes(secret);
        NodePassword = Password("node");
    }

    public string NodePassword { get; }

    /// <summary>The account by which the server with that id receives.</summary>
    public static string ReplicaUser(uint serverId) => ReplicaPrefix + serverId.ToString(CultureInfo.InvariantCulture);

    public string ReplicaPassword(uint serverId) => Password("replica " + serverId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Says nothing, so that no log does.</summary>
    public override string ToString() => nameof(ServerAccounts);

    private string Password(string purpose)
        => PasswordStart + Convert.ToHexStringLower(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(purpose)).AsSpan(0, PasswordBytes));
}
