using System.Net;
using System.Text.Json;
using Flotilla.Cli.Tests.Support;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.JobServer;
using Flotilla.Node;
using Flotilla.Node.Management;
using Flotilla.Node.Tests;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla cluster</c> against the management of a node, whose cluster agrees with itself.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const string Secret = "sixteen or more letters";

    private readonly FakeCluster _cluster = new();
    private JobNode _node = null!;

    private string Address => _node.ManagementEndpoints[0].ToString();

    public async ValueTask InitializeAsync() => _node = await StartAsync(_cluster);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task StatusListsEachServerForPeopleAndPrograms()
    {
        var result = await ClusterAsync("status");
        Assert.Equal("Server  Host       Port  Role     Status  Epoch  Lag  Load  Node", result.Must().Split('\n')[0]);
        Assert.Equal("db-a    127.0.0.1  3300  primary  up          4    0     2  a", result.Output.Split('\n')[1]);
        Assert.Equal("cluster sample, epoch 4, primary db-a\n", result.Errors);

        var rows = (await ClusterAsync("status", "--json")).Json;
        Assert.Equal(3, rows.GetArrayLength());
        Assert.Equal(
            ("db-b", "127.0.0.1", 3301, "replica", "up", 4, 0, true),
            (rows[1].GetProperty("server").GetString(), rows[1].GetProperty("host").GetString(), rows[1].GetProperty("port").GetInt32(), rows[1].GetProperty("role").GetString(),
            rows[1].GetProperty("status").GetString(), rows[1].GetProperty("epoch").GetInt32(), rows[1].GetProperty("lag").GetInt32(), rows[1].GetProperty("quorum").GetBoolean()));
    }

    [Fact]
    public async Task StatusEndsWithAnErrorWhenAServerIsNotWellOrThereIsNoPrimary()
    {
        _cluster.Publish(_cluster.Topology.State with { LastEpoch = 5 });
        var result = (await ClusterAsync("status")).MustEndWith(ExitCode.Failed);
        Assert.Contains("epoch 5, no primary", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchPrintsEveryChangeAndGoesOnWithAnotherNodeWhenOneIsGone()
    {
        var other = await StartAsync(_cluster);
        var console = new TestConsole();
        var watching = Run.FlotillaAsync(console, "cluster", "status", "-n", other.ManagementEndpoints[0].ToString(), "-n", Address, "--watch", "--count", "3", "--json");
        await Deadline.UntilAsync(() => console.Written.Count(one => one == '\n') == 1, "the present is shown");
        await _cluster.SendAsync(new SetMaintenance(FakeCluster.Server("c"), IsOn: true), CancellationToken.None);
        await Deadline.UntilAsync(() => console.Written.Count(one => one == '\n') == 2, "the change is shown");
        await other.DisposeAsync();
        var change = Task.Run(async () =>
        {
            for (var isOn = false; !watching.IsCompleted; isOn = !isOn)
            {
                await _cluster.SendAsync(new SetMaintenance(FakeCluster.Server("b"), isOn), CancellationToken.None);
                await Task.Delay(200);
            }
        });
        var lines = (await watching).Must().TrimEnd().Split('\n');
        await change;
        Assert.Equal(3, lines.Length);
        Assert.False(JsonDocument.Parse(lines[0]).RootElement[2].GetProperty("maintenance").GetBoolean());
        Assert.True(JsonDocument.Parse(lines[2]).RootElement[2].GetProperty("maintenance").GetBoolean());
    }

    [Fact]
    public async Task HistoryAndExplanationsAreShown()
    {
        var history = (await ClusterAsync("history", "--limit", "2")).Must().Split('\n');
        Assert.Equal("Number  At                    Epoch  What           Why", history[0]);
        Assert.StartsWith("     3  2023-11-14 22:13:20Z      0  db-c is added  declared by c", history[2], StringComparison.Ordinal);
        Assert.Contains("seen", (await ClusterAsync("history", "--json")).Json[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("  db-b follows db-a\nIf db-b died:\n  nothing: db-b is no primary\n  commits wait for db-c\n", (await ClusterAsync("explain", "db-b")).Must());
        Assert.Equal("db-b", (await ClusterAsync("explain", "db-b", "--json")).Json.GetProperty("server").GetString());
        Assert.Contains("there are db-a, db-b, db-c", (await ClusterAsync("explain", "db-x")).MustEndWith(ExitCode.NotFound).Errors, StringComparison.Ordinal);
        (await ClusterAsync("history", "--limit", "0")).MustEndWith(ExitCode.Usage);
    }

    [Fact]
    public async Task ASwitchoverIsPlannedAndCarriedOut()
    {
        Assert.Equal("begin a switchover to epoch 5 with db-c as primary: a person wants it\nbecause: ordered\n", (await ClusterAsync("switchover", "--to", "db-c", "--plan")).Must());
        Assert.Equal(4ul, _cluster.Topology.State.LastEpoch);
        var done = (await ClusterAsync("switchover", "--to", "db-c")).Must();
        Assert.Contains("db-c is writable", done, StringComparison.Ordinal);
        Assert.True((await ClusterAsync("failover", "--json")).Json.GetProperty("isDone").GetBoolean());
        Assert.Equal("db-b", _cluster.Topology.Current.Primary!.Name);

        _cluster.Obstacle = "db-a is too far behind";
        Assert.Contains("db-a is too far behind", (await ClusterAsync("switchover", "--to", "db-a")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
        Assert.True((await ClusterAsync("switchover", "--to", "db-a", "--plan", "--json")).MustEndWith(ExitCode.Refused).Json.GetProperty("isRefused").GetBoolean());
        (await ClusterAsync("switchover", "--to", "db-x")).MustEndWith(ExitCode.NotFound);
        _cluster.Obstacle = null;
        _cluster.IsSlow = true;
        await _cluster.SendAsync(new GiveOrder(new Order { Kind = OrderKind.Failover, IsForced = true }), CancellationToken.None);
        Assert.Contains("is not done", (await ClusterAsync("switchover", "--to", "db-a")).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MaintenanceAndPauseAreSwitched()
    {
        (await ClusterAsync("maintenance", "on", "db-b")).Must();
        Assert.True(_cluster.Topology.State.Find(FakeCluster.Server("b"))!.IsInMaintenance);
        Assert.Contains("Maintenance", (await ClusterAsync("status")).Must(), StringComparison.Ordinal);
        Assert.False((await ClusterAsync("maintenance", "off", "db-b", "--json")).Json.GetProperty("maintenance").GetBoolean());
        Assert.True((await ClusterAsync("pause", "--json")).Json.GetProperty("paused").GetBoolean());
        Assert.Contains("paused", (await ClusterAsync("status")).Errors, StringComparison.Ordinal);
        (await ClusterAsync("pause", "off")).Must();
        Assert.False(_cluster.Topology.State.IsPaused);
        (await ClusterAsync("pause", "perhaps")).MustEndWith(ExitCode.Usage);
        _cluster.IsCutOff = true;
        Assert.Contains("belongs to no majority", (await ClusterAsync("pause")).MustEndWith(ExitCode.NoServer).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodesAreNamedSeveralWaysAndOneThatIsGoneIsPassedOver()
    {
        var gone = $"127.0.0.1:{FreePort.Next()}";
        var console = new TestConsole();
        console.Variables["FLOTILLA_MANAGEMENT"] = $"{gone},{Address}";
        (await Run.FlotillaAsync(console, "cluster", "status")).Must();
        Assert.Contains("Name others with --node", (await Run.FlotillaAsync("cluster", "status", "-n", gone)).MustEndWith(ExitCode.NoServer).Errors, StringComparison.Ordinal);
        foreach (var wrong in (string[])["", "http://x", "a b", "x/y", "x:99999"])
            Assert.Contains("is no address of a node", (await Run.FlotillaAsync("cluster", "status", "-n", wrong)).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSecretIsNeededAndANodeWithoutAClusterSaysSo()
    {
        await using var closed = await StartAsync(_cluster, Secret);
        var address = closed.ManagementEndpoints[0].ToString();
        Assert.Contains("--secret-file", (await Run.FlotillaAsync("cluster", "pause", "-n", address)).MustEndWith(ExitCode.NotAuthorized).Errors, StringComparison.Ordinal);
        var console = new TestConsole();
        console.Variables["FLOTILLA_MANAGEMENT_SECRET"] = Secret;
        (await Run.FlotillaAsync(console, "cluster", "pause", "-n", address)).Must();

        await using var alone = await StartAsync(cluster: null);
        Assert.Contains("a node of no cluster", (await Run.FlotillaAsync("cluster", "status", "-n", alone.ManagementEndpoints[0].ToString())).MustEndWith(ExitCode.NoServer).Errors, StringComparison.Ordinal);
    }

    private static Task<JobNode> StartAsync(FakeCluster? cluster, string? secret = null) => JobNode.StartAsync(
        new NodeOptions
        {
            JobServer = new JobServerOptions { Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }] },
            Store = new StoreOptions { Kind = StoreKind.Memory },
            Management = new ManagementOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Secret = secret },
        },
        cluster: cluster);

    private Task<CliResult> ClusterAsync(params string[] words) => Run.FlotillaAsync(["cluster", words[0], "-n", Address, .. words[1..]]);
}
