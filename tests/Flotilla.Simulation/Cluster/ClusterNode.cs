using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Cluster;

/// <summary>A host's node: the machines that ship, of the group and of the cluster, and a runtime that is slow, paused, killed.</summary>
internal sealed partial class ClusterNode(ClusterWorld world, SimNode host) : IAgentEffects
{
    private AgentMachine? _machine;
    private long _busyUntilNs;

    public int Index => host.Index;

    public SimNode Host => host;

    public NodeName Name { get; } = NameOf(host.Index);

    public SimClock Clock => host.Clock;

    public long NowNs => Clock.Local(world.NowNs);

    public bool IsUp => host.IsRunning;

    /// <summary>Null on a host that only votes.</summary>
    public ModelServer? Server => world.ServerOf(host.Index);

    public AgentMachine? Machine => _machine;

    public static NodeName NameOf(int index) => new($"nh{index}");

    public void Ask(ClusterCommand command) => InLine(() => Step(now => new PersonAsked(now, command)));

    /// <summary>Its loop stands still for a while; the group's thread does not.</summary>
    public void HoldUp(long ns) => _busyUntilNs = world.NowNs + ns;

    /// <summary>The guard has something to say, if anybody listens.</summary>
    public void TellGuard() => Later(world.Random.Next(50, 2_000) * 1_000L, () =>
    {
        if (Server is not { } server)
            return;
        var status = world.Guard(server).Status;
        InLine(() => Step(now => new GuardTold(now, server.Name, status)));
    });

    public void Publish(ClusterState state, NodeView view)
    {
        // Clients of the simulation ask the servers themselves.
    }

    public void Decided(Decision decision)
    {
        if (_machine?.View.Coordinator == Name)
            world.Say(Name, $"#{decision.Number} epoch {decision.Epoch}: {decision.What} ({decision.Why})");
    }

    public void Look(ServerName name)
    {
        var server = world.Server(name);
        var before = world.Random.Next(200, 4_000) * 1_000L;
        Later(before, () =>
        {
            var isRefused = !server.IsRunning && !world.IsOff(server.Host) && world.IsLinked(Index, server.Host);
            var isMute = server.IsMute || !server.IsRunning || !world.IsLinked(Index, server.Host);
            var seen = isRefused ? new ServerObservation { IsAnswering = false, Error = "refused" } : isMute ? new ServerObservation { IsAnswering = false, Error = "timeout" } : Observe(server);
            if (!seen.IsAnswering)
                world.Checks.NotAnswered(server);
            Later(isMute ? 800_000_000 : world.Random.Next(200, 4_000) * 1_000L, () => InLine(() => Step(now => new ServerSeen(now, name, seen))));
        });
    }

    public void SetDeadline(ServerName server, ulong epoch, long? deadlineNs)
        => Later(world.Random.Next(20, 500) * 1_000L, () =>
        {
            world.Guard(world.Server(server)).Move(epoch, deadlineNs);
            TellGuard();
        });

    private ServerObservation Observe(ModelServer server) => new()
    {
        IsRunning = true,
        IsAnswering = true,
        Version = IsMySql ? "5.6.51" : "10.11.19",
        BinlogFormat = "ROW",
        ServerId = server.Id,
        IsReadOnly = server.IsReadOnly,
        RecoveredAs = server.Role,
        Logged = server.Logged,
        Applied = server.Applied,
        Replica = server.Source is { } source
            ? new ReplicaObservation
            {
                SourceHost = source.Name.ToString(), SourcePort = 3306, UsesGtid = server.UsesGtid, IsReceiverRunning = server.IsReceiverOn, IsReceiverConnected = server.IsConnected,
                IsApplierRunning = server.IsApplierOn, Received = server.Received, HasUnapplied = server.HasUnapplied, LagSeconds = 0, ReceiverError = server.ReceiverError, ApplierError = server.ApplierError,
            }
            : null,
        IsSemiSyncPrimary = server.IsSemiSyncPrimary,
        IsSemiSyncReplica = server.IsSemiSyncReplica,
        ConnectedReplicas = server.Replicas(),
        AllowedReplicas = [.. server.Allowed.Order()],
    };

    private void Begin()
    {
        _machine = new AgentMachine(new AgentOptions { Node = Name, Life = world.NextLife() }, [.. world.SpecsOf(Index)]);
        world.Say(Name, "starts");
        TellGuard();
        Join();
    }

    private void End()
    {
        world.Say(Name, "ends");
        (_machine, _members, _group, _isLineMoving, _busyUntilNs) = (null, [], 0, false, 0);
        _line.Clear();
        _queued.Clear();
    }

    private void Step(Func<long, AgentInput> make)
    {
        if (_busyUntilNs > world.NowNs)
            return;
        var mayAct = host.Machine!.Lease.IsValidAt(NowNs);
        var view = mayAct ? new NodeView(_members) : NodeView.None;
        try
        {
            if (!view.Members.SequenceEqual(_machine!.View.Members))
                _machine.Step(new NodesChanged(NowNs, view), this);
            _machine.Step(make(NowNs), this);
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            world.Defect(host, thrown);
        }
    }

    // What the node's process does later, if it is still there.
    private void Later(long ns, Action what) => host.Later(WorldEventKind.Later, ns, what);
}
