using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Management;
using Flotilla.Cluster.Topology;

namespace Flotilla.Node.Tests;

/// <summary>A cluster of three that agrees with itself: commands change the state at once, and switchovers succeed unless told otherwise.</summary>
internal sealed class FakeCluster : IManagedCluster
{
    private readonly Lock _gate = new();

    public FakeCluster()
    {
        Topology = new TopologySource("sample", new AnnouncedServers("a", TimeProvider.System), TimeProvider.System);
        var state = ClusterState.Empty;
        foreach (var node in (string[])["a", "b", "c"])
            state = Declare(state, node);

        Publish(state with
        {
            LastEpoch = 4,
            Epoch = new EpochState { Number = 4, LeaseMs = 2_000, Primary = Server("a"), Ackers = [Server("b"), Server("c")], Start = ReplicationPosition.None },
        });
    }

    public TopologySource Topology { get; }

    /// <summary>What becomes of orders: null when they succeed, a reason when they do not.</summary>
    public string? Obstacle { get; set; }

    /// <summary>Orders and changes stay open.</summary>
    public bool IsSlow { get; set; }

    public bool IsCutOff { get; set; }

    public NodeView View { get; private set; } = new([new NodeName("a"), new NodeName("b"), new NodeName("c")]);

    public static ServerName Server(string node) => new($"db-{node}");

    public void Publish(ClusterState state) => Topology.Publish(state, View);

    public void Lose(string node)
    {
        View = new NodeView(View.Members.Remove(new NodeName(node)));
        Publish(Topology.State);
    }

    public Task<ClusterState> SendAsync(ClusterCommand command, CancellationToken cancellationToken)
    {
        if (IsCutOff)
            throw new ClusterRefusedException(ClusterRefusal.NoQuorum, "this node belongs to no majority");
        lock (_gate)
        {
            var given = Topology.State.Apply(command);
            Publish(given);
            if (command is GiveOrder && given.Order is { } order && !IsSlow)
                Publish(Obstacle is { } why ? given.Apply(new EndOrder(order.Number, why)) : Switch(given, order.To ?? Server("b")));
            else if (!IsSlow)
                Publish(CarryOut(given, command));
            return Task.FromResult(given);
        }
    }

    public CoordinatorStep Plan(Order order) => Obstacle is { } why
        ? new CoordinatorStep("the order can't be carried out", new EndOrder(1, why))
        : new CoordinatorStep("ordered", new BeginPlan(1, PlanKind.Switchover, 5, "a person wants it") { Candidate = order.To });

    /// <summary>A server of the node's configuration that the cluster does not take.</summary>
    public ServerName? Undeclared { get; set; }

    public ServerExplanation? Explain(ServerName server)
        => Topology.State.Find(server) is not null ? new(server, [$"{server} follows db-a"], [$"nothing: {server} is no primary", "commits wait for db-c"])
            : server == Undeclared ? new(server, ["db-a has the server id 1 too"], []) : null;

    private static ClusterState Declare(ClusterState state, string node)
    {
        var name = new NodeName(node);
        var spec = new ServerSpec { Name = Server(node), Host = "127.0.0.1", Port = 3300 + node[0] - 'a', ServerId = node[0] };
        var isPrimary = node == "a";
        return state.Apply(new DeclareServers(name, [spec]) { AtMs = 1_700_000_000_000 }).Apply(new ReportServer(name, spec.Name, new ServerReport
        {
            Status = ServerStatus.Up, Epoch = 4, ThreadsRunning = 2, LagSeconds = isPrimary ? null : 0, Source = isPrimary ? null : Server("a"), IsReceiving = !isPrimary, Version = "10.11.19-MariaDB",
            Logged = GtidPosition.Parse("0-1-7"),
        }));
    }

    private static ClusterState CarryOut(ClusterState state, ClusterCommand command) => command switch
    {
        RemoveServer { Server: var server } => (state with { Epoch = state.Epoch! with { Ackers = state.Epoch.Ackers.Remove(server) } }).Apply(new ForgetServer(server)),
        AdmitServer { Server: var server } => Declare(state, server.ToString()[^1..]),
        ProvisionServer { Server: var server } => state.Apply(new TellProvisioned(server)),
        _ => state,
    };

    private static ClusterState Switch(ClusterState state, ServerName to)
    {
        var epoch = state.LastEpoch + 1;
        var decision = new Decision { Number = state.LastDecision + 1, AtMs = 1_700_000_001_000, Epoch = epoch, What = $"{to} is writable", Why = "it told so", Seen = "" };
        return state with
        {
            Order = null, LastEpoch = epoch, Epoch = state.Epoch! with { Number = epoch, Primary = to }, History = state.History.Add(decision), LastDecision = decision.Number,
        };
    }
}
