using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Cluster;

/// <summary>A host's node: the machine that ships, and a runtime that is slow, paused, killed.</summary>
internal sealed partial class ClusterNode(ClusterWorld world, int index) : IAgentEffects
{
    private readonly List<Func<long, AgentInput>> _held = [];
    private AgentMachine? _machine;
    private ulong _life;

    public int Index => index;

    public NodeName Name { get; } = new($"n{index}");

    public SimClock Clock { get; } = new();

    public long NowNs => Clock.Local(world.NowNs);

    public bool IsUp { get; private set; }

    public bool IsPaused { get; private set; }

    public ModelServer Server => world.Servers[index];

    public AgentMachine? Machine => _machine;

    public void Start()
    {
        if (IsUp)
            return;
        _life = world.NextLife();
        (IsUp, IsPaused) = (true, false);
        var options = new AgentOptions { Node = Name, Life = _life };
        var spec = new ServerSpec { Name = Server.Name, Host = Server.Name.ToString(), Port = 3306, ServerId = Server.Id, Priority = world.Parameters.Priorities[index] };
        _machine = new AgentMachine(options, [spec]);
        world.Log.Began(index);
        world.Say(Name, "starts");
        TellGuard();
        Tick(_life);
    }

    public void End(string how)
    {
        if (!IsUp)
            return;
        world.Say(Name, how);
        (IsUp, IsPaused, _machine) = (false, false, null);
        _held.Clear();
        _life = 0;
    }

    public void Pause() => IsPaused = IsUp;

    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        var held = _held.ToArray();
        _held.Clear();
        foreach (var input in held)
            Take(input);
    }

    public void Load(ClusterState state) => Take(now => new StateLoaded(now, state));

    public void Deliver(ClusterCommand command) => Take(now => new CommandDelivered(now, command));

    public void Tell(NodeView view) => Take(now => new NodesChanged(now, view));

    public void Ask(ClusterCommand command) => Take(now => new PersonAsked(now, command));

    /// <summary>The guard has something to say, if anybody listens.</summary>
    public void TellGuard() => Later(world.Random.Next(50, 2_000) * 1_000L, () =>
    {
        var status = world.Guard(Server).Status;
        Take(now => new GuardTold(now, Server.Name, status));
    });

    public void Send(ClusterCommand command) => world.Log.Submit(index, command);

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
            var isRefused = !server.IsRunning && world.IsLinked(index, server.Host);
            var isMute = server.IsHung || !world.IsLinked(index, server.Host);
            var seen = isRefused ? new ServerObservation { IsAnswering = false, Error = "refused" } : isMute ? new ServerObservation { IsAnswering = false, Error = "timeout" } : Observe(server);
            Later(isMute ? 800_000_000 : world.Random.Next(200, 4_000) * 1_000L, () => Take(now => new ServerSeen(now, name, seen)));
        });
    }

    public void SetDeadline(ServerName server, ulong epoch, long? deadlineNs)
        => Later(world.Random.Next(20, 500) * 1_000L, () =>
        {
            world.Guard(world.Server(server)).Move(epoch, deadlineNs);
            TellGuard();
        });

    private static ServerObservation Observe(ModelServer server) => new()
    {
        IsRunning = true,
        IsAnswering = true,
        Version = "10.11.19",
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

    private void Tick(ulong life)
    {
        if (life != _life)
            return;
        Take(now => new Ticked(now));
        world.After((50 + world.Random.Next(20)) * 1_000_000L, () => Tick(life));
    }

    private void Take(Func<long, AgentInput> input)
    {
        if (!IsUp || world.IsOver)
            return;
        if (IsPaused)
            _held.Add(input);
        else
            _machine!.Step(input(NowNs), this);
    }

    // What the node's process does later, if it is still there.
    private void Later(long ns, Action what)
    {
        var life = _life;
        world.After(ns, () =>
        {
            if (life == _life && IsUp)
                what();
        });
    }
}
