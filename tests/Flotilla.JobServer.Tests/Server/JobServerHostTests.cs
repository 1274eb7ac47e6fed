using System.Net;
using System.Net.Sockets;
using Flotilla.Gearman.Protocol;
using Flotilla.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>A whole server in this process.</summary>
public sealed class JobServerHostTests
{
    [Theory]
    [MemberData(nameof(TestServer.Kinds), MemberType = typeof(TestServer))]
    public async Task AJobGoesToAWorkerAndItsResultComesBack(SocketLoopKind kind, int threads)
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { Sockets = kind, Threads = threads });
        using var worker = server.Connect().CanDo("reverse").Send(PacketType.PreSleep);
        using var client = server.Connect().Send(PacketType.SubmitJob, "reverse", "", "hello");
        var handle = client.Read(PacketType.JobCreated)[0];
        worker.Read(PacketType.Noop);
        Assert.Equal((handle, "hello"), worker.Grab());
        worker.Send(PacketType.WorkComplete, handle, "olleh");
        Assert.Equal([handle, "olleh"], client.Read(PacketType.WorkComplete));
    }

    [Theory]
    [MemberData(nameof(TestServer.Kinds), MemberType = typeof(TestServer))]
    public async Task ManyClientsAndWorkersAtOnceGetEveryJobDoneOnce(SocketLoopKind kind, int threads)
    {
        const int Clients = 8;
        const int Jobs = 300;
        await using var server = await TestServer.StartAsync(new JobServerOptions { Sockets = kind, Threads = threads });
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Work(server, Clients * Jobs / 4))).ToList();
        var clients = Enumerable.Range(0, Clients).Select(number => Task.Run(() => SubmitAndCheck(server, number, Jobs)));
        await Task.WhenAll(clients).WaitAsync(Deadline.Default * 2);
        await Task.WhenAll(workers).WaitAsync(Deadline.Default);
        Assert.Equal(0, server.Host.Snapshot().Jobs);
    }

    [Fact]
    public async Task LargePayloadsArriveWhole()
    {
        await using var server = await TestServer.StartAsync();
        using var worker = server.Connect().CanDo("f");
        using var client = server.Connect();
        var data = new string('x', 10_000_000);
        client.Send(PacketType.SubmitJob, "f", "", data).Read(PacketType.JobCreated);
        var (handle, received) = worker.Grab();
        Assert.Equal(data, received);
        worker.Send(PacketType.WorkComplete, handle, received);
        Assert.Equal(data, client.Read(PacketType.WorkComplete)[1]);
    }

    [Fact]
    public async Task ListensOnSeveralAddressesAtOnce()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using (var server = await TestServer.StartAsync(new JobServerOptions
        {
            Listeners =
            [
                TestServer.AnyPort,
                new JobServerListener { EndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 0) },
                new JobServerListener { EndPoint = JobServerListener.Parse("unix:" + path) },
                new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Protocol = JobServerProtocol.Http },
            ],
        }))
        {
            for (var i = 0; i < 3; i++)
            {
                using var peer = server.Connect(i).Send("version\r\n");
                Assert.StartsWith("OK ", peer.ReadText(isList: false), StringComparison.Ordinal);
            }

            using var watcher = server.Connect(1);
            Assert.Contains(" ::1 - :", watcher.Send("workers\n").ReadText(isList: true), StringComparison.Ordinal);
            using var http = server.Connect(3).Send("GET /f?x HTTP/1.0\r\nX-Gearman-Background: true\r\n\r\n");
            Assert.StartsWith("HTTP/1.", http.ReadText(isList: false), StringComparison.Ordinal);
            Assert.True(http.IsEnded());
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task HttpAnswersOnAConnectionThatStaysOpen()
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions
        {
            Listeners = [TestServer.AnyPort, TestServer.AnyPort with { Protocol = JobServerProtocol.Http }],
        });
        using var worker = server.Connect().CanDo("reverse");
        using var client = server.Connect(1);
        client.Send("POST /reverse HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcPOST /reverse HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz");
        foreach (var (data, result) in ((string, string)[])[("abc", "cba"), ("xyz", "zyx")])
        {
            var job = (Handle: "", Data: "");
            await Deadline.UntilAsync(
                () =>
                {
                    var (type, arguments) = worker.Send(PacketType.GrabJob).Read();
                    job = type == PacketType.JobAssign ? (arguments[0], arguments[2]) : job;
                    return type == PacketType.JobAssign;
                },
                "the job comes");
            Assert.Equal(data, job.Data);
            worker.Send(PacketType.WorkComplete, job.Handle, result);
            Assert.Equal("HTTP/1.1 200 OK\r\n", client.ReadText(isList: false));
            while (client.ReadText(isList: false) is not "\r\n")
            {
                // The other fields.
            }

            Assert.Equal(result, string.Concat(Enumerable.Range(0, 3).Select(_ => (char)client.Stream.ReadByte())));
        }
    }

    [Fact]
    public async Task AdminCommandsRunInsideTheProcess()
    {
        await using var server = await TestServer.StartAsync();
        using var worker = server.Connect().CanDo("a function");
        Assert.Equal("OK\r\n", await server.Host.ExecuteAdminAsync("create function other"));
        var status = await server.Host.ExecuteAdminAsync("status");
        Assert.Contains("other\t0\t0\t0\n", status, StringComparison.Ordinal);
        Assert.EndsWith(".\n", status, StringComparison.Ordinal);
        Assert.StartsWith("ERR UNKNOWN_COMMAND", await server.Host.ExecuteAdminAsync("nonsense"), StringComparison.Ordinal);
        await Deadline.UntilAsync(() => server.Host.Snapshot().Connections == 1, "its connections are gone");
    }

    [Theory]
    [MemberData(nameof(TestServer.Kinds), MemberType = typeof(TestServer))]
    public async Task Quirk21_EveryTcpConnectionHasNoDelay(SocketLoopKind kind, int threads)
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { Sockets = kind, Threads = threads });
        using var client = server.Connect().Send("workers\n");
        var descriptor = int.Parse(client.ReadText(isList: true).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        using var serverSide = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
        Assert.Equal(client.LocalEndPoint, serverSide.RemoteEndPoint);
        Assert.True(serverSide.NoDelay);
    }

    [Fact]
    public async Task WrongOptionsAreAllReportedAtOnce()
    {
        var wrong = new JobServerOptions { Threads = -1, Backlog = 0, Listeners = [new() { EndPoint = new IPEndPoint(IPAddress.Any, 4730) }] };
        var problem = await Assert.ThrowsAsync<ArgumentException>(() => JobServerHost.StartAsync(wrong));
        Assert.Contains("Threads", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Backlog", problem.Message, StringComparison.Ordinal);
        Assert.Contains("AllowOpenListeners", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAddressInUseIsReportedAndNothingIsLeftBehind()
    {
        await using var first = await TestServer.StartAsync();
        var options = new JobServerOptions { Listeners = [TestServer.AnyPort, new() { EndPoint = first.Host.Endpoints[0] }] };
        await Assert.ThrowsAsync<SocketException>(() => JobServerHost.StartAsync(options));
    }

    [Fact]
    public async Task MoreConnectionsThanAllowedAreClosedWithOneLogLine()
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { MaxConnections = 2 });
        using var first = server.Connect().CanDo("f");
        using var second = server.Connect().CanDo("f");
        for (var i = 0; i < 3; i++)
        {
            using var third = server.Connect();
            Assert.True(third.IsEnded());
        }

        Assert.Single(server.Log.Warnings);
        first.Dispose();
        await Deadline.UntilAsync(() => server.Host.Snapshot().Connections == 1, "one place is free");
        using var last = server.Connect().CanDo("f");
    }

    [Fact]
    public async Task TheFailureOfTheObserverEndsTheServerWithAReport()
    {
        await using var server = await TestServer.StartAsync(new JobServerOptions { Observer = new ThrowingObserver() });
        using var client = server.Connect().Send(PacketType.SubmitJob, "f", "", "");
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Host.Completion.WaitAsync(Deadline.Default));
        Assert.True(client.IsEnded());
        Assert.Contains(server.Log.Warnings, line => line.Contains("failed", StringComparison.Ordinal));
    }

    private static void Work(TestServer server, int jobs)
    {
        using var worker = server.Connect().CanDo("double");
        while (jobs > 0)
        {
            var (type, arguments) = worker.Send(PacketType.GrabJob).Read();
            if (type == PacketType.NoJob)
            {
                worker.Send(PacketType.PreSleep).Read(PacketType.Noop);
            }
            else if (type == PacketType.JobAssign)
            {
                worker.Send(PacketType.WorkComplete, arguments[0], arguments[2] + arguments[2]);
                jobs--;
            }
        }
    }

    private static void SubmitAndCheck(TestServer server, int number, int jobs)
    {
        using var client = server.Connect();
        var waiting = new Dictionary<string, string>(StringComparer.Ordinal);
        var created = new Queue<string>();
        for (var i = 0; i < jobs; i++)
        {
            created.Enqueue($"{number}.{i}.");
            client.Send(PacketType.SubmitJob, "double", "", $"{number}.{i}.");
            if (i % 10 == 9)
                Take(20);
        }

        Assert.Empty(waiting);

        void Take(int packets)
        {
            for (; packets > 0; packets--)
            {
                var (type, arguments) = client.Read();
                if (type == PacketType.JobCreated)
                    waiting.Add(arguments[0], created.Dequeue());
                else if (waiting.Remove(arguments[0], out var data))
                    Assert.Equal(data + data, arguments[1]);
                else
                    Assert.Fail($"{type} {arguments[0]} is not expected");
            }
        }
    }

    private sealed class ThrowingObserver : IJobServerObserver
    {
        public void Report(in Core.JobServerEvent happened)
        {
            if (happened.Kind == Core.JobServerEventKind.JobSubmitted)
                throw new InvalidOperationException("an observer that breaks its promise");
        }
    }
}
