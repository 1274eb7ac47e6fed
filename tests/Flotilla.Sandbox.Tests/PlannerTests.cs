using System.Net;
using System.Net.Sockets;
using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>Ports, ids and roles are decided before anything is written, and what is taken is refused with who has it.</summary>
public sealed class PlannerTests
{
    private static readonly ServerInstallation Server = FakeServer.Nowhere(ServerFlavor.MariaDb, "10.11.19");

    [Theory]
    [InlineData(SandboxTopology.Replication, "master: node1:master node2:master")]
    [InlineData(SandboxTopology.Ring, "node1:node3 node2:node1 node3:node2")]
    [InlineData(SandboxTopology.AllMasters, "node1:node2,node3 node2:node1,node3 node3:node1,node2")]
    [InlineData(SandboxTopology.FanIn, "node1: node2: node3:node1,node2")]
    [InlineData(SandboxTopology.Multiple, "node1: node2: node3:")]
    [InlineData(SandboxTopology.Single, "x:")]
    public void EachServerKnowsWhomItReplicatesFrom(SandboxTopology topology, string expected)
    {
        var plan = Plan(new SandboxSpec { Name = "x", Server = Server, Topology = topology });
        Assert.Equal(expected, string.Join(' ', plan.Nodes.Select(node => $"{node.Name}:{string.Join(',', node.Sources)}")));
        Assert.Equal(plan.Nodes.Count, plan.Nodes.Select(node => node.Port).Distinct().Count());
        Assert.All(plan.Nodes, node => Assert.Equal((uint)node.Port, node.ServerId));
    }

    [Fact]
    public void TakenPortsArePassedOver()
    {
        var first = Plan(new SandboxSpec { Name = "a", Server = Server });
        var second = Plan(new SandboxSpec { Name = "b", Server = Server }, first);
        using var listener = Listen(second.Nodes[0].Port + 1);
        var third = Plan(new SandboxSpec { Name = "c", Server = Server }, first, second);
        Assert.True(first.Nodes[0].Port < second.Nodes[0].Port && second.Nodes[0].Port + 1 < third.Nodes[0].Port);
    }

    [Fact]
    public void AGroupGetsPortsInARow()
    {
        var single = Plan(new SandboxSpec { Name = "a", Server = Server, Topology = SandboxTopology.Ring });
        using var listener = Listen(single.Nodes[^1].Port + 2);
        var group = Plan(new SandboxSpec { Name = "b", Server = Server, Topology = SandboxTopology.Ring }, single);
        Assert.Equal([0, 1, 2], group.Nodes.Select(node => node.Port - group.Nodes[0].Port));
        Assert.True(group.Nodes[0].Port > single.Nodes[^1].Port + 2);
    }

    [Fact]
    public void APortOfAnotherSandboxIsRefusedByName()
    {
        var taken = Plan(new SandboxSpec { Name = "a", Server = Server, Topology = SandboxTopology.Replication });
        var failure = Assert.Throws<SandboxException>(() => Plan(new SandboxSpec { Name = "b", Server = Server, Port = taken.Nodes[1].Port }, taken));
        Assert.Equal((SandboxProblem.Conflict, $"port {taken.Nodes[1].Port} is taken by node1 of sandbox a"), (failure.Problem, failure.Message));
    }

    [Fact]
    public void APortThatIsListenedOnIsRefusedWithItsProcess()
    {
        using var listener = Listen(0);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var failure = Assert.Throws<SandboxException>(() => Plan(new SandboxSpec { Name = "b", Server = Server, Port = port }));
        Assert.StartsWith($"port {port} is taken by process {Environment.ProcessId} (", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAddressOfAnotherHostIsRefused()
    {
        var failure = Assert.Throws<SandboxException>(() => Plan(new SandboxSpec { Name = "b", Server = Server, BindAddress = "203.0.113.9" }));
        Assert.Contains("Is it an address of this host?", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASocketPathThatIsTooLongIsRefused()
    {
        var failure = Assert.Throws<SandboxException>(() => Planner.Plan(
            new SandboxSpec { Name = "b", Server = Server }, "/" + new string('x', 100), [], DateTimeOffset.UnixEpoch));
        Assert.Contains("shorter root folder", failure.Message, StringComparison.Ordinal);
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen(1);
        return socket;
    }

    private static SandboxRecord Plan(SandboxSpec spec, params IReadOnlyList<SandboxRecord> others) => Planner.Plan(spec, "/r", others, DateTimeOffset.UnixEpoch);
}
