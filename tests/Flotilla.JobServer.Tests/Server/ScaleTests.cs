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
    public async Task StartsAndStopsAHundredTimesInOneProcess()
    {
        var threadsBefore = 0;
        for (var i = 0; i < 100; i++)
        {
            await using var server = await TestServer.StartAsync(new JobServerOptions { Threads = 2 });
            using var client = server.Connect().Send(PacketType.EchoReq, "x");
            client.Read(PacketType.EchoRes);
            await server.Host.StopAsync(drain: false);
            Assert.True(client.IsEnded());
            if (i == 10)
                threadsBefore = Threads();
        }

        await Deadline.UntilAsync(() => Threads() < threadsBefore + 20, "threads end with their server");

        // The runtime's own come and go as they like.
        static int Threads()
            => Directory.GetDirectories("/proc/self/task").Count(task => !NameOf(task).StartsWith(".NET", StringComparison.Ordinal));

        static string NameOf(string task)
        {
            try
            {
                return File.ReadAllText(Path.Combine(task, "comm"));
            }
            catch (IOException)
            {
                return ".NET or not, it has ended";
            }
        }
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
