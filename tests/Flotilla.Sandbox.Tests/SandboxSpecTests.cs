using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>What makes no sense is refused with all its reasons, before anything is written.</summary>
public sealed class SandboxSpecTests
{
    private static readonly ServerInstallation MariaDb = FakeServer.Nowhere(ServerFlavor.MariaDb, "10.11.19");
    private static readonly ServerInstallation MySql = FakeServer.Nowhere(ServerFlavor.MySql, "5.6.24");

    public static TheoryData<string, SandboxSpec> Wrong => new()
    {
        { "no name", new() { Server = MariaDb, Name = "../x" } },
        { "no name", new() { Server = MariaDb, Name = ".hidden" } },
        { "no name", new() { Server = MariaDb, Name = "a\n" } },
        { "a single sandbox has one server", new() { Server = MariaDb, Nodes = 2 } },
        { "1 to 64 servers", new() { Server = MariaDb, Topology = SandboxTopology.Multiple, Nodes = 65 } },
        { "at least 2", new() { Server = MariaDb, Topology = SandboxTopology.Replication, Nodes = 1 } },
        { "fan-in needs", new() { Server = MariaDb, Topology = SandboxTopology.FanIn, Nodes = 3, Masters = 3 } },
        { "for fan-in only", new() { Server = MariaDb, Topology = SandboxTopology.Ring, Masters = 2 } },
        { "can't replicate from several", new() { Server = MySql, Topology = SandboxTopology.AllMasters } },
        { "can't replicate from several", new() { Server = MySql, Topology = SandboxTopology.FanIn } },
        { "came without semi-synchronous", new() { Server = MySql, Topology = SandboxTopology.Replication, SemiSync = true } },
        { "needs one primary", new() { Server = MariaDb, Topology = SandboxTopology.Ring, SemiSync = true } },
        { "too old for today's clients", new() { Server = MySql, Tls = true } },
        { "ports are 1 to 65535", new() { Server = MariaDb, Topology = SandboxTopology.Ring, Port = 65534 } },
        { "server_id 0", new() { Server = MariaDb, ServerId = 0 } },
        { "no address to listen on", new() { Server = MariaDb, BindAddress = "here" } },
        { "no host name", new() { Server = MariaDb, ReportHost = "a'b" } },
        { "no host part", new() { Server = MariaDb, RemoteAccess = "%'; DROP" } },
        { "no option for my.cnf", new() { Server = MariaDb, Options = ["a=b\n[mysqld]"] } },
        { "no option for my.cnf", new() { Server = MariaDb, ReplicaOptions = ["!include x"] } },
        { "decided by the sandbox itself", new() { Server = MariaDb, Options = ["datadir=/x"] } },
        { "decided by the sandbox itself", new() { Server = MariaDb, PrimaryOptions = ["server-id=3"] } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task WhatMakesNoSenseIsRefused(string reason, SandboxSpec spec)
    {
        var root = Path.Combine(Path.GetTempPath(), $"flotilla-never-{Guid.NewGuid():N}");
        var failure = await Assert.ThrowsAsync<SandboxException>(() => new SandboxRoot(root).CreateAsync(spec));
        Assert.Equal(SandboxProblem.BadRequest, failure.Problem);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(root));
    }

    [Fact]
    public async Task ARootThatOptionFilesCantNameIsRefused()
    {
        var failure = await Assert.ThrowsAsync<SandboxException>(() => new SandboxRoot("/nowhere/x#y").CreateAsync(new SandboxSpec { Server = MariaDb }));
        Assert.Contains("holds #", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFanInHasAReplicaMoreThanMasters()
        => Assert.Equal(4, new SandboxSpec { Server = MariaDb, Topology = SandboxTopology.FanIn, Masters = 3 }.NodeCount);

    [Fact]
    public void AllReasonsAreToldAtOnce()
        => Assert.Equal(3, new SandboxSpec { Server = MySql, Name = "-", Tls = true, Port = 0 }.Problems().Count);

    [Theory]
    [InlineData(SandboxTopology.Single, "msb_5_6_24")]
    [InlineData(SandboxTopology.Replication, "rsandbox_5_6_24")]
    [InlineData(SandboxTopology.Ring, "rcsandbox_5_6_24")]
    [InlineData(SandboxTopology.Multiple, "multi_msb_5_6_24")]
    public void NamesFollowMySqlSandbox(SandboxTopology topology, string name)
        => Assert.Equal(name, new SandboxSpec { Server = MySql, Topology = topology }.FolderName);

    [Fact]
    public void PasswordsThatWouldNeedQuotingAreRefused()
    {
        Assert.Throws<SandboxException>(new SandboxCredentials("a", "b", "c'", "d", "e").Validate);
        Assert.Throws<SandboxException>(new SandboxCredentials("a", "b", "c", "", "e").Validate);
        SandboxCredentials.Generate().Validate();
        Assert.DoesNotContain(SandboxCredentials.Generate().Root, SandboxCredentials.Generate().ToString(), StringComparison.Ordinal);
    }
}
