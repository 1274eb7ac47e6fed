using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>A server's parent: outlives the node, kills at the deadline.</summary>
internal sealed class ModelGuard(ClusterWorld world, ModelServer server)
{
    private ulong _move;

    public ulong Epoch { get; private set; }

    public long? DeadlineNs { get; private set; }

    public GuardStatus Status => new()
    {
        Start = server.Start, IsRunning = server.IsRunning, Role = server.Role, Epoch = Epoch, DeadlineNs = DeadlineNs, Ended = server.Ended,
    };

    /// <summary>Whether the server may acknowledge now.</summary>
    public bool IsLive => DeadlineNs is { } deadline && world.Node(server.Host).NowNs <= deadline;

    public void Move(ulong epoch, long? deadlineNs)
    {
        if (!server.IsRunning || epoch < Epoch)
            return;
        (Epoch, DeadlineNs) = (epoch, deadlineNs);
        var move = ++_move;
        if (deadlineNs is { } deadline)
            world.At(world.Node(server.Host).Clock.World(deadline), () => Pass(move));
    }

    public void ServerEnded() => (DeadlineNs, _move) = (null, _move + 1);

    public void ServerBegins() => (Epoch, DeadlineNs) = (0, null);

    private void Pass(ulong move)
    {
        if (move == _move)
            world.At(Math.Max(world.NowNs, world.WakesAtNs(server.Host)) + (world.Random.Next(1, 30) * 1_000_000L), () => KillAt(move));
    }

    private void KillAt(ulong move)
    {
        if (move == _move)
            server.Kill("its lease is over");
    }
}
