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
        var second = Planner.Plan(new SandboxSpec { Name = "b", Server = Server }, "/r", [first], [], DateTimeOffset.UnixEpoch, port => port == 11120 ? "me" : null);
        var third = Planner.Plan(new SandboxSpec { Name = "c", Server = Server }, "/s", [], [first, second], DateTimeOffset.UnixEpoch, _ => null);
        Assert.Equal((11119, 11121, 11120), (first.Nodes[0].Port, second.Nodes[0].Port, third.Nodes[0].Port));
    }

    [Fact]
    public void AGroupGetsPortsInARow()
    {
        var spec = new SandboxSpec { Name = "a", Server = Server, Topology = SandboxTopology.Ring };
        var first = Plan(spec).Nodes[0].Port;
        var group = Planner.Plan(spec, "/r", [], [], DateTimeOffset.UnixEpoch, port => port == first + 1 ? "me" : null);
        Assert.Equal([first + 2, first + 3, first + 4], group.Nodes.Select(node => node.Port));
    }

    [Fact]
    public void APortOfAnotherRootIsGivenToWhoAsksForIt()
    {
        var elsewhere = Plan(new SandboxSpec { Name = "a", Server = Server });
        var plan = Planner.Plan(new SandboxSpec { Name = "b", Server = Server, Port = 11119 }, "/s", [], [elsewhere], DateTimeOffset.UnixEpoch, _ => null);
        Assert.Equal(11119, plan.Nodes[0].Port);
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
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var failure = Assert.Throws<SandboxException>(() => Planner.Plan(new SandboxSpec { Name = "b", Server = Server, Port = port }, "/r", [], [], DateTimeOffset.UnixEpoch));
        Assert.StartsWith($"port {port} is taken by process {Environment.ProcessId} (", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAddressOfAnotherHostIsRefused()
    {
        var spec = new SandboxSpec { Name = "b", Server = Server, BindAddress = "203.0.113.9" };
        var failure = Assert.Throws<SandboxException>(() => Planner.Plan(spec, "/r", [], [], DateTimeOffset.UnixEpoch));
        Assert.Contains("Is it an address of this host?", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASocketPathThatIsTooLongIsRefused()
    {
        var failure = Assert.Throws<SandboxException>(() => Planner.Plan(
            new SandboxSpec { Name = "b", Server = Server }, "/" + new string('x', 100), [], [], DateTimeOffset.UnixEpoch, _ => null));
        Assert.Contains("shorter root folder", failure.Message, StringComparison.Ordinal);
    }

    private static SandboxRecord Plan(SandboxSpec spec, params IReadOnlyList<SandboxRecord> others)
        => Planner.Plan(spec, "/r", others, [], DateTimeOffset.UnixEpoch, _ => null);
}
