using System.Globalization;
using System.Net;
using Flotilla.Gearman.Protocol;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>Many of everything.</summary>
[Collection(MemoryTests.Alone)]
public sealed class ScaleTests
{
    [Fact]
    [Trait("tier", "full")]
    public async Task TenThousandConnectionsAreServedAndCostLittle()
    {
        const int Children = 5;
        const int Each = 2000;
        await using var server = await TestServer.StartAsync(new JobServerOptions { Backlog = 4096 });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var port = ((IPEndPoint)server.Host.Endpoints[0]).Port.ToString(CultureInfo.InvariantCulture);
        var children = Enumerable.Range(0, Children).Select(_ => ChildProcess.Start(["connect", port, $"{Each}"])).ToList();
        try
        {
            foreach (var child in children)
                Assert.Equal("served", await child.ReadLineAsync());
            Assert.Equal(Children * Each, server.Host.Snapshot().Connections);
            var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (Children * Each);
            Assert.True(each < 8192, $"{each} bytes for an idle connection");
            foreach (var child in children)
                await child.Input.WriteLineAsync();
            foreach (var child in children)
                Assert.Equal("served", await child.ReadLineAsync());
        }
        finally
        {
            foreach (var child in children)
                await child.DisposeAsync();
        }

        await Deadline.UntilAsync(() => server.Host.Snapshot().Connections == 0, "their ends are seen");
        Assert.Empty(server.Log.Warnings);
    }

    [Fact]
    public async Task AThousandFunctionsOnOneWorkerAllGetTheirJobs()
    {
        const int Functions = 1000;
        await using var server = await TestServer.StartAsync();
        using var worker = server.Connect();
        using var client = server.Connect();
        for (var i = 0; i < Functions; i++)
            worker.Send(PacketType.CanDo, $"function-{i}");
        for (var i = 0; i < Functions; i++)
            client.Send(PacketType.SubmitJob, $"function-{i}", "", $"{i}");
        for (var i = 0; i < Functions; i++)
            client.Read(PacketType.JobCreated);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        worker.Send(PacketType.EchoReq, "registered").Read(PacketType.EchoRes);
        for (var i = 0; i < Functions; i++)
        {
            var arguments = worker.Send(PacketType.GrabJob).Read(PacketType.JobAssign);
            Assert.Equal($"function-{arguments[2]}", arguments[1]);
            Assert.True(seen.Add(arguments[2]));
            worker.Send(PacketType.WorkComplete, arguments[0], arguments[2]);
        }

        for (var i = 0; i < Functions; i++)
            client.Read(PacketType.WorkComplete);
        Assert.Equal(Functions, (await server.Host.ExecuteAdminAsync("status")).Split('\n').Length - 2);
    }
}
