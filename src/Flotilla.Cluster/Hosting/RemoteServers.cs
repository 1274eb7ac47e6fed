using System.Collections.Concurrent;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;

namespace Flotilla.Cluster.Hosting;

/// <summary>Servers of any node as the network shows them.</summary>
internal sealed class RemoteServers(ServerAccounts accounts, ServerLimits limits, Func<uint, ServerName> nameOf) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ServerSpec, RemoteServer> _known = new();

    /// <exception cref="ServerActionException">The cluster has no such server.</exception>
    public RemoteServer Find(ClusterState state, ServerName name)
    {
        if (state.Find(name) is not { } server)
            throw new ServerActionException(name, "find", ServerActionProblem.NotReady, statement: null, "the cluster has no such server");
        return _known.GetOrAdd(server.Spec, Make);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _known.Values)
            await server.Observer.DisposeAsync();
    }

    private RemoteServer Make(ServerSpec spec)
    {
        var managed = new ManagedServer
        {
            Name = spec.Name,
            ServerId = spec.ServerId,
            Session = new MySqlOptions { Host = spec.Host, Port = spec.Port, User = ServerAccounts.NodeUser, Password = accounts.NodePassword },
            Accounts = accounts,
        };
        return new RemoteServer(new ServerAddress(spec.Host, spec.Port), new ServerControl(managed, limits, TimeProvider.System), new ServerObserver(managed, TimeProvider.System, nameOf));
    }
}
