using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Tests.Topology;

/// <summary>Three nodes with a server each; b is primary of epoch 4.</summary>
internal static class SampleCluster
{
    public static NodeView View { get; } = new([Node("b"), Node("a"), Node("c")]);

    public static ClusterState State { get; } = new()
    {
        Nodes = [Node("a"), Node("b"), Node("c")],
        Servers = [Server("a", lag: 2), Server("b", lag: null), Server("c", lag: 0)],
        LastEpoch = 4,
        Epoch = new EpochState { Number = 4, LeaseMs = 2_000, Primary = new ServerName("db-b"), Ackers = [new ServerName("db-a"), new ServerName("db-c")], Start = ReplicationPosition.None },
    };

    public static NodeName Node(string name) => new(name);

    public static NodeView Without(string node) => new(View.Members.Remove(Node(node)));

    public static ServerState Server(string node, int? lag) => new()
    {
        Spec = new ServerSpec { Name = new ServerName($"db-{node}"), Host = "10.0.0." + (node[0] - 'a' + 1), Port = 3306, ServerId = node[0], Site = "north" },
        Node = Node(node),
        Report = new ServerReport { Status = ServerStatus.Up, Epoch = 4, LagSeconds = lag, ThreadsRunning = 3, Source = node == "b" ? null : new ServerName("db-b") },
    };
}
