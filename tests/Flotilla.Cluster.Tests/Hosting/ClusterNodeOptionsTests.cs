using System.Net;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>What a node is told.</summary>
public sealed class ClusterNodeOptionsTests
{
    private static NodeServerOptions Server => new()
    {
        Name = new ServerName("db"), ServerId = 1, Folder = Path.GetTempPath(), Command = ["/bin/sh"], Socket = "/run/db.sock",
    };

    private static ClusterNodeOptions Node => new() { Node = new NodeName("a"), DataFolder = "/var/lib/flotilla", Secret = "sixteen characters", Servers = [Server] };

    [Fact]
    public void WhatIsRightHasNoProblems() => Assert.Empty(Node.Validate());

    [Fact]
    public void AllProblemsAreToldAtOnce()
    {
        var problems = (Node with
        {
            Secret = "short",
            Nodes = ["10.0.0.1"],
            DataFolder = "here",
            Lease = TimeSpan.FromSeconds(1),
            Lines = new IPEndPoint(IPAddress.Any, 2200),
            Servers = [Server with { Port = 0, Socket = "sock" }, Server with { Command = ["mariadbd"] }],
        }).Validate();
        foreach (var part in (string[])["secret", "dataFolder", "lease", "lines", "port", "socket", "command", "two have the name", "two have the serverId", "nodes", "two have the folder"])
            Assert.Contains(problems, problem => problem.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void AServerThatTheOtherHostsWouldLookForAtThemselvesIsRefused()
    {
        var spread = Node with { Listen = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 4740), Nodes = ["10.0.0.1:4740", "10.0.0.2:4740"] };

        Assert.Contains("host", Assert.Single(spread.Validate()), StringComparison.Ordinal);
        Assert.Empty((spread with { Servers = [Server with { Host = "10.0.0.1" }] }).Validate());
    }

    [Fact]
    public void SocketsThatTheSystemDoesNotTakeAreRefused()
    {
        var problems = (Node with { Servers = [Server with { Folder = "/" + new string('f', 100), Socket = "/" + new string('s', 107) }] }).Validate();

        Assert.Contains(problems, problem => problem.Contains("folder: the path of the socket is longer", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("socket: more than 107", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ANodeIsNotStartedWithProblems()
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => ClusterNode.StartAsync(Node with { Secret = "" }));
        Assert.Contains("secret", refusal.Message, StringComparison.Ordinal);
    }
}
