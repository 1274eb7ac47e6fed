using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cluster.Management;

/// <summary>What people do to a cluster, through one of its nodes: each returns when it is agreed, an order when it is carried out. Thread-safe.</summary>
public sealed class ClusterManager(IManagedCluster cluster, TimeProvider time)
{
    public TopologySource Topology => cluster.Topology;

    /// <summary>Gives an order, and waits until it has ended or the patience has.</summary>
    /// <exception cref="ClusterRefusedException">The server is unknown, another order is open, or this node can't reach a majority.</exception>
    public async Task<OrderOutcome> OrderAsync(Order order, TimeSpan patience, CancellationToken cancellationToken)
    {
        Check(order);
        var before = await SendAsync(new GiveOrder(order), cancellationToken);
        if (before.Order is not { } open || open with { Number = 0 } != order)
            throw new ClusterRefusedException(ClusterRefusal.Conflict, $"{before.History[^1].What}: {before.History[^1].Why}");
        ClusterState after;
        var isOpen = false;
        using (var limit = new CancellationTokenSource(patience, time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken))
        {
            try
            {
                after = await Topology.WaitForStateAsync(state => state.LastOrder >= open.Number && state.Order?.Number != open.Number, both.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                (after, isOpen) = (Topology.State, true);
            }
        }

        var isDone = !isOpen && after.IsEpochLive && after.Epoch!.Number > before.LastEpoch && (order.To is not { } to || after.Epoch.Primary == to);
        return new OrderOutcome(isDone, isOpen, [.. after.History.Where(decision => decision.Number >= before.LastDecision)]);
    }

    /// <summary>What would be decided next if that were ordered.</summary>
    /// <exception cref="ClusterRefusedException">The server is unknown.</exception>
    public CoordinatorStep Plan(Order order)
    {
        Check(order);
        return cluster.Plan(order);
    }

    /// <exception cref="ClusterRefusedException">The server is unknown, or this node can't reach a majority.</exception>
    public async Task SetMaintenanceAsync(ServerName server, bool isOn, CancellationToken cancellationToken)
    {
        Find(server);
        await SendAsync(new SetMaintenance(server, isOn), cancellationToken);
    }

    /// <exception cref="ClusterRefusedException">This node can't reach a majority.</exception>
    public Task SetPauseAsync(bool isOn, CancellationToken cancellationToken) => SendAsync(new SetPause(isOn), cancellationToken);

    /// <exception cref="ClusterRefusedException">The server is unknown.</exception>
    public ServerExplanation Explain(ServerName server) => cluster.Explain(Find(server).Name);

    private Task<ClusterState> SendAsync(ClusterCommand command, CancellationToken cancellationToken)
        => cluster.SendAsync(command with { AtMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);

    private void Check(Order order)
    {
        if (order.To is { } to)
            Find(to);
    }

    private ServerState Find(ServerName name) => Topology.State.Find(name) ?? throw new ClusterRefusedException(
        ClusterRefusal.UnknownServer, $"there is no server {name}; there {(Topology.State.Servers.IsEmpty ? "is none" : $"are {string.Join(", ", Topology.State.Servers.Select(server => server.Name))}")}");
}
