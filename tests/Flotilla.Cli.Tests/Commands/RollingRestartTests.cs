using Flotilla.Cli.Tests.Support;
using Flotilla.Cluster.Probe;
using Flotilla.Gearman;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary>Nodes as processes, stopped and started one after the other while there are writes: what an upgrade does.</summary>
[Trait("tier", "full")]
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task NoRowIsLostNoServerEndsAndNobodyFailsOver()
    {
        await using var nodes = await NodeProcesses.StartAsync();
        await nodes.UntilHealthyAsync(0);
        var begun = TimeProvider.System.GetTimestamp();
        await using var probe = await ClusterProbe.StartAsync(new ProbeOptions { Servers = nodes.Clients });
        await UntilMoreAsync(probe);
        for (var index = 0; index < nodes.Names.Count; index++)
        {
            await nodes.StopAsync(index);
            nodes.Start(index);
            await nodes.UntilHealthyAsync(index);
            await UntilMoreAsync(probe);
        }

        await probe.StopAsync();
        var elapsed = TimeProvider.System.GetElapsedTime(begun);
        var result = await probe.VerifyAsync();
        var history = (await nodes.ClusterAsync(0, "history", "--limit", "500", "--json")).Must();
        output.WriteLine($"{result.Status.Acknowledged} rows acknowledged, {result.Lost} lost; longest time without writes {result.Status.LongestGap.TotalMilliseconds:0} ms");
        Assert.True(result.IsRight, history);
        Assert.Contains("switchover begins", history, StringComparison.Ordinal);
        Assert.DoesNotContain("failover begins", history, StringComparison.Ordinal);
        foreach (var client in nodes.Clients)
        {
            await using var session = await MySqlConnection.OpenAsync(client);
            var uptime = TimeSpan.FromSeconds(int.Parse((await session.QueryTableAsync("SHOW GLOBAL STATUS LIKE 'Uptime'")).Rows[0][1]!, System.Globalization.CultureInfo.InvariantCulture));
            Assert.True(uptime >= elapsed, $"the server at {client.Port} has been up for {uptime.TotalSeconds:0} of {elapsed.TotalSeconds:0} s");
        }
    }

    [Fact]
    public async Task ThePrimaryIsHandedOverBeforeTheJobsOfItsNodeHaveEnded()
    {
        await using var nodes = await NodeProcesses.StartAsync();
        await nodes.UntilHealthyAsync(0);
        await using (var probe = await ClusterProbe.StartAsync(new ProbeOptions { Servers = nodes.Clients }))
            await UntilMoreAsync(probe);
        var primary = await nodes.PrimaryAsync(0);
        var other = (primary + 1) % nodes.Names.Count;
        var (started, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var client = new GearmanClient(nodes.JobsOf(primary));
        await using var worker = new GearmanWorker(nodes.JobsOf(primary)).Register("long", async (_, _) =>
        {
            started.SetResult();
            await mayEnd.Task;
            return default;
        });
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await client.SubmitBackgroundAsync("long", default, TestContext.Current.CancellationToken);
        await started.Task.WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);

        var stopping = nodes.StopAsync(primary);
        await Deadline.UntilAsync(async () => await nodes.PrimaryAsync(other) is var now && now >= 0 && now != primary, "another server is primary", TimeSpan.FromSeconds(15));
        Assert.False(stopping.IsCompleted);
        mayEnd.SetResult();
        await stopping;
        Assert.DoesNotContain("failover begins", (await nodes.ClusterAsync(other, "history", "--limit", "500", "--json")).Must(), StringComparison.Ordinal);
    }

    private static Task UntilMoreAsync(ClusterProbe probe)
    {
        var before = probe.Status.Acknowledged;
        return Deadline.UntilAsync(() => probe.Status.Acknowledged > before + 50, "rows are acknowledged", TimeSpan.FromMinutes(1));
    }
}
