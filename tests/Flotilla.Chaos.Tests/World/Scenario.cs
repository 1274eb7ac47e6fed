using System.Globalization;
using Flotilla.Chaos.Tests.Checks;
using Flotilla.Chaos.Tests.Clients;
using Flotilla.MySql;

namespace Flotilla.Chaos.Tests.World;

/// <summary>Clients that write on a full cluster, a fault, and what must hold afterwards.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    /// <summary>How long a lease may go on after the last word of its node: the lease, and what a guard may be late on a busy machine.</summary>
    public const long LeaseNs = 2_200_000_000;

    private const int RowsMore = 10;

    private readonly Action _passed;
    private readonly List<Client> _clients = [];
    private readonly HashSet<int> _hit = [];
    private readonly Pulse _pulse = new();
    private readonly List<(int Host, long EndNs)> _leases = [];
    private readonly long _lastDecision;
    private readonly string _fault;
    private long _faultNs;

    private Scenario(ChaosCluster cluster, string fault, ClusterStatus status, long lastDecision, Action passed)
        => (Cluster, _fault, Status, _lastDecision, _passed) = (cluster, fault, status, lastDecision, passed);

    public ChaosCluster Cluster { get; }

    public Network Network => Cluster.Network;

    /// <summary>Before the fault.</summary>
    public ClusterStatus Status { get; }

    /// <summary>Who was primary before the fault.</summary>
    public Host Primary => Cluster.All[Host.IndexOf(Status.Primary!)];

    /// <summary>The others.</summary>
    public Host[] Replicas => [.. Cluster.WithServer.Where(host => host != Primary)];

    /// <summary>The host whose node coordinated.</summary>
    public Host Coordinator => Cluster.All[Status.Coordinator![0] - 'a'];

    /// <summary>Returns when all clients get answers.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="fault">Its name in the table.</param>
    /// <param name="passed">Called when all was well.</param>
    public static async Task<Scenario> BeginAsync(ChaosCluster cluster, string fault, Action passed)
    {
        var status = await cluster.UntilFullAsync();
        var scenario = new Scenario(cluster, fault, status, (await cluster.HistoryAsync())[^1].Number, passed);
        for (var host = 0; host <= ChaosCluster.Outside; host++)
            scenario.StartClient(host);
        await scenario.UntilMoreAsync([.. scenario._clients]);
        scenario._faultNs = MonotonicClock.NowNs;
        return scenario;
    }

    /// <summary>The fault begins now: outages count from here.</summary>
    public long Fault() => _faultNs = MonotonicClock.NowNs;

    /// <summary>These hosts' own clients suffer too: what they see is not the cluster's outage.</summary>
    public void Hit(params IEnumerable<Host> hosts) => _hit.UnionWith(hosts.Select(host => host.Index));

    /// <summary>That server's lease can't be longer than until then: nothing that it is asked later is answered.</summary>
    public void LeaseEnds(Host host, long endNs) => _leases.Add((host.Index, endNs));

    /// <summary>Everything on the host ends at once, its client too, and none of its packets leaves it any more: nobody is told.</summary>
    public async Task PowerOffAsync(Host host)
    {
        Cluster.Network.Isolate(host.Index);
        Hit(host);
        await host.KillAllAsync();
    }

    /// <summary>Its links are there again, its node and its client are started.</summary>
    public void PowerOn(Host host)
    {
        Cluster.Network.Mend(host.Index);
        host.StartNode();
        StartClient(host.Index);
    }

    /// <summary>Waits until the client outside gets answers.</summary>
    public Task UntilMoreAsync() => UntilMoreAsync(_clients.First(client => client.Host == ChaosCluster.Outside));

    public async Task UntilMoreAsync(params Client[] clients)
    {
        var before = clients.Select(Count).ToArray();
        try
        {
            await ChaosCluster.UntilAsync(() => Task.FromResult(clients.Zip(before).All(one => Count(one.First) >= one.Second + RowsMore)), "clients get answers");
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}: {string.Join(", ", clients.Zip(before).Select(one => $"{one.First.Host}: {Count(one.First) - one.Second}"))}\n{await Cluster.DescribeAsync()}", late);
        }
    }

    public Task<ClusterStatus> UntilAnotherPrimaryAsync(TimeSpan? within = null)
        => Cluster.UntilAsync(status => status.IsWritable && status.LastEpoch > Status.LastEpoch && status.Primary != Status.Primary, "another primary", within);

    /// <summary>Nobody gets an answer for that long.</summary>
    public async Task NoAnswersForAsync(TimeSpan time)
    {
        var from = MonotonicClock.NowNs;
        await Task.Delay(time);
        var answered = _clients.SelectMany(client => client.Read()).Where(write => write.Outcome == WriteOutcome.Acknowledged && write.SentNs > from).ToList();
        Assert.True(answered.Count == 0, $"{answered.Count} rows were acknowledged that must not be: {string.Join(", ", answered.Take(5))}");
    }

    /// <summary>All hosts are back by themselves, rows go on, every promise was kept, the history says why.</summary>
    /// <param name="promotions">How many primaries may have been made: from and to; more where processors were short, which is a fault too.</param>
    /// <param name="cause">What one of the decisions that begin must say; null when nothing was begun.</param>
    /// <param name="within">How long it may take until all follow.</param>
    public async Task CheckAsync((int From, int To) promotions, string? cause, TimeSpan? within = null)
    {
        await Cluster.UntilFullAsync(within);
        var fullNs = MonotonicClock.NowNs;
        await UntilMoreAsync();
        await Cluster.UntilFullAsync(within);
        foreach (var client in _clients)
            await client.EndAsync();
        var notes = _clients.ToDictionary(client => client, client => client.Read());
        Cluster.Noted.AddRange(notes.Values.SelectMany(writes => writes));
        var contents = await CaughtUpAsync();
        var rows = await RowsAsync();
        var broken = Promises.Check(Cluster.Noted, rows, contents)
            .Concat(_leases.SelectMany(lease => Promises.SilentAfter(Cluster.Noted, rows, lease.Host, Status.LastEpoch, lease.EndNs)))
            .ToList();
        var decided = (await Cluster.HistoryAsync()).Where(one => one.Number > _lastDecision).ToList();
        OutageTable.Note(_fault, decided);
        var made = decided.Count(one => one.IsPromotion);
        if (made < promotions.From || (made > promotions.To && !_pulse.IsStarved))
            broken.Add($"{made} primaries were made, not {promotions.From} to {promotions.To}");
        if (decided.Any(one => one.IsBeginning && one.Why.Length == 0))
            broken.Add("something was begun without a reason");
        if (cause is not null && !decided.Any(one => one.Why.Contains(cause, StringComparison.Ordinal)))
            broken.Add($"no decision says: {cause}");
        if (broken.Count > 0)
            Assert.Fail($"{string.Join('\n', broken)}\n{await Cluster.DescribeAsync()}");
        var own = notes.Values.SelectMany(writes => writes).Count(write => write.Outcome == WriteOutcome.Acknowledged);
        var gaps = notes.Where(one => !_hit.Contains(one.Key.Host)).Select(one => Outage.LongestGapMs(one.Value, _faultNs)).OfType<int>();
        OutageTable.Add(new Outage(_fault, own, 0, [.. gaps], (int)((fullNs - _faultNs) / 1_000_000), made));
        _passed();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        _pulse.Dispose();
    }

    private void StartClient(int host) => _clients.Add(Client.Start(Cluster, host));

    private static int Count(Client client) => client.Read().Count(write => write.Outcome == WriteOutcome.Acknowledged);

    private async Task<IReadOnlyList<ServerContent>> CaughtUpAsync()
    {
        IReadOnlyList<ServerContent> contents = [];
        try
        {
            await ChaosCluster.UntilAsync(
                async () =>
                {
                    contents = await Task.WhenAll(Cluster.WithServer.Select(ContentAsync));
                    return contents.All(one => one.HasSameAs(contents[0]));
                },
                "all servers have the same");
        }
        catch (TimeoutException)
        {
            // What differs is told with all else.
        }

        return contents;
    }

    private static async Task<ServerContent> ContentAsync(Host host)
    {
        await using var session = await host.OpenAsync();
        var positions = (await session.QueryTableAsync("SELECT @@read_only, @@gtid_binlog_pos, @@gtid_current_pos")).Rows[0];
        var tables = await session.QueryTableAsync(
            """
            SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables
            WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'flotilla') ORDER BY 1
            """);
        var names = tables.Rows.Select(row => row[0]).Append("flotilla.epochs");
        var sums = (await session.QueryTableAsync($"CHECKSUM TABLE {string.Join(", ", names)}")).Rows.Select(row => $"{row[0]} {row[1]}");
        return new ServerContent(host.Server, positions[0] != "0", positions[1] ?? "", positions[2] ?? "", string.Join(", ", sums));
    }

    private async Task<IReadOnlyList<StoredRow>> RowsAsync()
    {
        await using var session = await MySqlConnection.OpenAsync(Cluster.All[Host.IndexOf((await Cluster.StatusAsync())!.Primary!)].Client);
        return [.. (await session.QueryTableAsync("SELECT client, id, server, epoch FROM app.w")).Rows.Select(row => new StoredRow(Int(row[0]), long.Parse(row[1]!, CultureInfo.InvariantCulture), Int(row[2]), ulong.Parse(row[3]!, CultureInfo.InvariantCulture)))];
    }

    private static int Int(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);
}
