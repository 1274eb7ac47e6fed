using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>External clients of the simulated nodes.</summary>
public sealed partial class GroupWorld
{
    /// <summary>In a trace, clients are numbered from here.</summary>
    private const int FirstClientProcess = 1_000;

    private readonly SortedDictionary<uint, SimClient> _clientConnections = [];
    private readonly SimClient[] _clients;
    private uint _lastClient;

    internal override ByteQueue? ClientOutput(uint client) => _clientConnections.TryGetValue(client, out var found) ? found.Output : null;

    internal uint NextClientConnection(SimClient client)
    {
        _clientConnections[++_lastClient] = client;
        return _lastClient;
    }

    internal void Forget(uint connection) => _clientConnections.Remove(connection);

    internal override void SettleClients()
    {
        for (var i = 0; i < _clients.Length; i++)
        {
            var client = _clients[i];
            if (client.Output.IsEmpty)
                continue;
            var bytes = client.Output.ToArray();
            client.Output.Clear();
            Effect(bytes);
            Queue.After(Random.Next(1, 2_000_000), new WorldEvent(WorldEventKind.ClientReceives, -1, i, client.Connection, bytes));
        }
    }
}
