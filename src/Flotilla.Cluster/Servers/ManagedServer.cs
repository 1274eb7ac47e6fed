using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>A database server as a node reaches it.</summary>
public sealed record ManagedServer
{
    public required ServerName Name { get; init; }

    /// <summary>Its <c>server_id</c>, unique in the cluster.</summary>
    public required uint ServerId { get; init; }

    /// <summary>How to open a session with the node's account: by the socket on its own host, by the network from others.</summary>
    public required MySqlOptions Session { get; init; }

    /// <summary>The accounts of the cluster.</summary>
    public required ServerAccounts Accounts { get; init; }

    /// <summary>Folder of its data; null for a server on another host.</summary>
    public string? DataFolder { get; init; }

    /// <summary>What is installed beside it; null for a server on another host.</summary>
    public ServerPrograms? Programs { get; init; }
}
