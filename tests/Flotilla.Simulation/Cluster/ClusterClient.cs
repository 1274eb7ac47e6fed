using Flotilla.Primitives;

namespace Flotilla.Simulation.Cluster;

/// <summary>Writes one row after the other wherever it may, and notes what was acknowledged.</summary>
internal sealed class ClusterClient(ClusterWorld world, SeededRandom random)
{
    private ModelServer? _server;
    private ulong _open;

    public void Work()
    {
        if (!world.IsQuiet)
        {
            _server ??= world.Servers[random.Next(world.Servers.Count)];
            var transaction = world.NextTransaction();
            _open = transaction;
            var server = _server;
            world.After(random.Next(50, 500) * 1_000L, () => server.Write(transaction, isDone => Answered(server, transaction, isDone)));
            world.After(1_500_000_000, () => GiveUp(transaction));
            return;
        }

        world.After(1_000_000_000, Work);
    }

    private void Answered(ModelServer server, ulong transaction, bool isDone)
    {
        if (isDone)
            world.Checks.Acknowledged(server, transaction);
        if (_open != transaction)
            return;
        _open = 0;
        if (!isDone)
            _server = null;
        world.After(random.Next(20, 80) * 1_000_000L, Work);
    }

    private void GiveUp(ulong transaction)
    {
        if (_open != transaction)
            return;
        (_open, _server) = (0, null);
        world.After(random.Next(20, 80) * 1_000_000L, Work);
    }
}
