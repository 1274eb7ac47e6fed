using System.Net;
using System.Net.Sockets;
using System.Text;
using Flotilla.Cluster.Lines;
using Flotilla.Cluster.Tests.Topology;
using Flotilla.Cluster.Topology;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Cluster.Tests.Lines;

/// <summary>The membership line protocol: lines, sessions, connections.</summary>
public sealed class LineProtocolTests
{
    private readonly ManualTime _time = new();
    private readonly AnnouncedServers _announced;
    private readonly TopologySource _source;

    public LineProtocolTests()
    {
        _announced = new AnnouncedServers("a", _time);
        _source = new TopologySource("sample", _announced, _time);
    }

    [Theory]
    [InlineData("join db 3306 on master", LineProblem.None)]
    [InlineData("  join\tdb  3306 standby   slave ", LineProblem.None)]
    [InlineData("join ::1 65535 off standalone", LineProblem.None)]
    [InlineData("leave", LineProblem.None)]
    [InlineData("heartbeat", LineProblem.None)]
    [InlineData("serverlist", LineProblem.None)]
    [InlineData("", LineProblem.UnknownCommand)]
    [InlineData("JOIN db 3306 on master", LineProblem.UnknownCommand)]
    [InlineData("quit", LineProblem.UnknownCommand)]
    [InlineData("join", LineProblem.WrongArguments)]
    [InlineData("join db 3306 on master now", LineProblem.WrongArguments)]
    [InlineData("leave db", LineProblem.WrongArguments)]
    [InlineData("join d\u00e9 3306 on master", LineProblem.BadHost)]
    [InlineData("join db 0 on master", LineProblem.BadPort)]
    [InlineData("join db 65536 on master", LineProblem.BadPort)]
    [InlineData("join db +1 on master", LineProblem.BadPort)]
    [InlineData("join db /tmp/my.sock on master", LineProblem.BadPort)]
    [InlineData("join db 3306 up master", LineProblem.BadStatus)]
    [InlineData("join db 3306 on primary", LineProblem.BadRole)]
    public void ALineIsReadOrItsFirstProblemIsNamed(string line, LineProblem problem)
        => Assert.Equal(problem, LineRequest.Parse(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void LengthsAreLimited()
    {
        Assert.Equal(LineProblem.None, LineRequest.Parse(Encoding.ASCII.GetBytes($"join {new string('h', LineRequest.HostLengthMax)} 1 on slave"), out _));
        Assert.Equal(LineProblem.BadHost, LineRequest.Parse(Encoding.ASCII.GetBytes($"join {new string('h', LineRequest.HostLengthMax + 1)} 1 on slave"), out _));
        Assert.Equal(LineProblem.None, LineRequest.Parse(Encoding.ASCII.GetBytes("leave".PadRight(LineRequest.LengthMax)), out _));
        Assert.Equal(LineProblem.LineTooLong, LineRequest.Parse(Encoding.ASCII.GetBytes("leave".PadRight(LineRequest.LengthMax + 1)), out _));
    }

    [Fact]
    public void FuzzedLinesAreReadOrRefused() => Fuzzer.Run(
        "membership lines",
        [.. ((string[])["join db.example 3306 on master", "join ::1 1 stopping standalone", "leave", "heartbeat", "serverlist"]).Select(Encoding.ASCII.GetBytes)],
        input =>
        {
            if (LineRequest.Parse(input, out var request) != LineProblem.None)
                return;
            Assert.Equal(request.Verb == LineVerb.Join, request.Announcement is not null);
            if (request.Announcement is { } said)
                Assert.True(said is { Host.Length: > 0 and <= LineRequest.HostLengthMax, Port: > 0 and <= 65535 } && said.Host.All(one => one is > ' ' and <= '~'));
        },
        new FuzzOptions { Inputs = 200_000, Budget = TimeSpan.FromSeconds(3) });

    [Fact]
    public void ASessionJoinsBeatsListsAndLeaves()
    {
        var session = NewSession();
        Assert.Equal("7 not joined, or expired\n", Say(session, "heartbeat"));
        Assert.Equal("7 not joined, or expired\n", Say(session, "leave"));
        Assert.Equal("0 0\n", Say(session, "serverlist"));
        Assert.Equal("0 ok\n", Say(session, "join db 3306 starting slave"));
        Assert.Equal("0 ok\n", Say(session, "join db 3306 on slave"));
        _time.Advance(10);
        Assert.Equal("0 1\ndb:3306 db 3306 on slave 30 2020-01-01T00:00:00.000Z 0 -\n", Say(session, "serverlist"));
        Assert.Equal("0 ok\n", Say(session, "heartbeat"));
        Assert.Equal("0 1\ndb:3306 db 3306 on slave 30 2020-01-01T00:00:10.000Z 0 -\n", Say(session, "serverlist"));
        Assert.Equal("0 ok\n", Say(session, "leave"));
        Assert.Equal("0 0\n", Say(session, "serverlist"));
    }

    [Fact]
    public void ASessionHasOneServerAndOneThatIsSilentIsDropped()
    {
        var session = NewSession();
        Say(session, "join db 3306 on master");
        Assert.Equal("0 ok\n", Say(session, "join db 3307 on master"));
        Assert.Equal(3307, Assert.Single(_source.Current.Members).Port);
        _time.Advance(31);
        Assert.Equal("7 not joined, or expired\n", Say(session, "heartbeat"));
        Assert.Empty(_source.Current.Members);
    }

    [Fact]
    public void ServersOfTheClusterAreListedInTheWordsOfTheProtocol()
    {
        _source.Publish(SampleCluster.State with { Servers = SampleCluster.State.Servers.Replace(SampleCluster.State.Servers[2], SampleCluster.State.Servers[2] with { IsInMaintenance = true }) }, SampleCluster.View);
        Assert.Equal(
            """
            0 3
            db-a 10.0.0.1 3306 on slave 3 2020-01-01T00:00:00.000Z 4 2
            db-b 10.0.0.2 3306 on master 3 2020-01-01T00:00:00.000Z 4 0
            db-c 10.0.0.3 3306 standby slave 3 2020-01-01T00:00:00.000Z 4 0

            """,
            Say(NewSession(), "serverlist"));
        _time.Advance(1);
        _source.Publish(SampleCluster.State, Flotilla.Cluster.Core.NodeView.None);
        _time.Advance(4);
        Assert.DoesNotContain(" on ", Say(NewSession(), "serverlist"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinesComeInPiecesOrSeveralAtOnceAndATooLongOneEndsTheConnection()
    {
        await using var server = LineProtocolServer.Start(new IPEndPoint(IPAddress.Loopback, 0), NewSession);
        using (var client = await ConnectAsync(server))
        {
            await client.SendAsync("jo"u8.ToArray());
            await client.SendAsync("in db 1 on slave\r\nheartbeat\nserver"u8.ToArray());
            await ExpectAsync(client, "0 ok\n0 ok\n");
            await client.SendAsync("list\nnonsense\n"u8.ToArray());
            await ExpectAsync(client, "0 1\ndb:1 db 1 on slave 30 2020-01-01T00:00:00.000Z 0 -\n1 unknown command: join, leave, heartbeat and serverlist are known\n");
        }

        // What was announced outlives its connection, and another one may go on with it.
        using (var client = await ConnectAsync(server))
        {
            Assert.Single(_source.Current.Members);
            await client.SendAsync(Encoding.ASCII.GetBytes(new string('x', 600)));
            await ExpectAsync(client, "9 line too long\n");
            await Deadline.UntilAsync(async () => await ReceiveAsync(client) == 0, "the connection ends");
        }
    }

    [Fact]
    public async Task OneConnectionTooManyIsToldSoAndAServerThatEndsEndsThem()
    {
        var server = LineProtocolServer.Start(new IPEndPoint(IPAddress.Loopback, 0), NewSession);
        var clients = new List<Socket>();
        for (var at = 0; at < LineProtocolServer.ConnectionsMax; at++)
            clients.Add(await ConnectAsync(server));
        using (var late = await ConnectAsync(server))
            await ExpectAsync(late, "10 too many connections\n");
        clients[0].Dispose();
        await Deadline.UntilAsync(
            async () =>
            {
                using var next = await ConnectAsync(server);
                await next.SendAsync("serverlist\n"u8.ToArray());
                var answer = new byte[100];
                return Encoding.ASCII.GetString(answer, 0, await next.ReceiveAsync(answer)) == "0 0\n";
            },
            "there is room again");
        await server.DisposeAsync();
        Assert.Equal(0, await ReceiveAsync(clients[1]));
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public void OnlyLoopbackIsListenedOn()
        => Assert.Throws<ArgumentException>(() => LineProtocolServer.Start(new IPEndPoint(IPAddress.Any, 0), NewSession));

    private static string Say(LineSession session, string line) => session.Answer(Encoding.ASCII.GetBytes(line));

    private static async Task<Socket> ConnectAsync(LineProtocolServer server)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
        await client.ConnectAsync(server.Endpoint);
        return client;
    }

    private static async Task<int> ReceiveAsync(Socket client)
    {
        try
        {
            return await client.ReceiveAsync(new byte[100]);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task ExpectAsync(Socket client, string answer)
    {
        var buffer = new byte[answer.Length];
        for (var filled = 0; filled < buffer.Length;)
        {
            var received = await client.ReceiveAsync(buffer.AsMemory(filled), TestContext.Current.CancellationToken);
            Assert.True(received > 0, "the connection ended");
            filled += received;
        }

        Assert.Equal(answer, Encoding.ASCII.GetString(buffer));
    }

    private LineSession NewSession() => new(_announced, () => _source.Current);
}
