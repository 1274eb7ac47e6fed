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
        var (after, isOpen) = await UntilAsync(state => state.LastOrder >= open.Number && state.Order?.Number != open.Number, patience, cancellationToken);
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

    /// <summary>Carries out a change, and waits until all of it is done or the patience has ended.</summary>
    /// <exception cref="ClusterRefusedException">It is refused, or this node can't reach a majority.</exception>
    public async Task<OrderOutcome> CarryOutAsync(ClusterChange change, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (change.Outlook.Refusal is { } why)
            throw new ClusterRefusedException(ClusterRefusal.Conflict, why);
        var since = Topology.State.LastDecision;
        if (!change.IsTaken(await SendAsync(change.Command, cancellationToken)))
            throw new ClusterRefusedException(ClusterRefusal.Conflict, "the cluster has changed meanwhile");
        var (after, isOpen) = await UntilAsync(change.IsDone, patience, cancellationToken);
        return new OrderOutcome(!isOpen, isOpen, [.. after.History.Where(decision => decision.Number > since)]);
    }

    /// <summary>A server is taken out for good; done when nobody counts on it.</summary>
    /// <param name="server">Not the primary.</param>
    /// <param name="isForced">Also when nobody else acknowledges: then it goes when somebody does.</param>
    /// <exception cref="ClusterRefusedException">The server is unknown, or this node can't reach a majority.</exception>
    public ClusterChange Remove(ServerName server, bool isForced)
        => new(Outlooks.Remove(Known(server), Topology.View, server, isForced), new RemoveServer(server), state => state.Find(server) is not { IsLeaving: false }, state => state.Find(server) is null);

    /// <summary>A server that was taken out comes back; done when it follows.</summary>
    /// <exception cref="ClusterRefusedException">The cluster never had it, or this node can't reach a majority.</exception>
    public ClusterChange Add(ServerName server) => new(
        Outlooks.Add(Known(server, orRemoved: true), Topology.View, server),
        new AdmitServer(server),
        state => state.FindRemoved(server) is null && state.Find(server) is not { IsLeaving: true },
        state => state.Find(server) is { Report: { Status: ServerStatus.Up, IsReceiving: true } });

    /// <summary>A server is filled anew from the best donor.</summary>
    /// <exception cref="ClusterRefusedException">The server is unknown, or this node can't reach a majority.</exception>
    public ClusterChange Reprovision(ServerName server) => new(
        Outlooks.Reprovision(Known(server), Topology.View, server),
        new ProvisionServer(server, "a person wants it"),
        state => state.Find(server) is { IsToBeProvisioned: true },
        state => state.Find(server) is null or { IsToBeProvisioned: false });

    /// <summary>People work on a server, or do not any more.</summary>
    /// <exception cref="ClusterRefusedException">The server is unknown, or this node can't reach a majority.</exception>
    public ClusterChange SetMaintenance(ServerName server, bool isOn)
        => new(Outlooks.SetMaintenance(Known(server), Topology.View, server, isOn), new SetMaintenance(server, isOn), state => state.Find(server)?.IsInMaintenance == isOn);

    /// <summary>Nothing, or all again, is done by itself.</summary>
    public ClusterChange SetPause(bool isOn) => new(Outlooks.SetPause(Topology.State, isOn), new SetPause(isOn), state => state.IsPaused == isOn);

    /// <summary>Another policy.</summary>
    public ClusterChange SetPolicy(ClusterPolicy policy) => new(Outlooks.SetPolicy(Topology.State, policy), new SetPolicy(policy), state => state.Policy == policy);

    /// <exception cref="ClusterRefusedException">The server is unknown.</exception>
    public ServerExplanation Explain(ServerName server)
        => cluster.Explain(server) ?? throw new ClusterRefusedException(ClusterRefusal.UnknownServer, Outlooks.Unknown(Topology.State, server));

    private async Task<(ClusterState State, bool IsOpen)> UntilAsync(Func<ClusterState, bool> isOver, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return (await Topology.WaitForStateAsync(isOver, both.Token), false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (Topology.State, true);
        }
    }

    private Task<ClusterState> SendAsync(ClusterCommand command, CancellationToken cancellationToken)
        => cluster.SendAsync(command with { AtMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);

    private void Check(Order order)
    {
        if (order.To is { } to)
            Find(to);
    }

    // What a node that is cut off knows is no ground for a refusal: another one may know better.
    private ClusterState Known(ServerName name, bool orRemoved = false)
    {
        if (Topology.View.Members.IsEmpty)
            throw new ClusterRefusedException(ClusterRefusal.NoQuorum, "this node belongs to no majority");
        if (!orRemoved || Topology.State.FindRemoved(name) is null)
            Find(name);
        return Topology.State;
    }

    private void Find(ServerName name)
    {
        if (Topology.State.Find(name) is null)
            throw new ClusterRefusedException(ClusterRefusal.UnknownServer, Outlooks.Unknown(Topology.State, name));
    }
}
