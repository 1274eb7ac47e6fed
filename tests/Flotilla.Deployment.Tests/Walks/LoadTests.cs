using System.Net.Sockets;
using Flotilla.Deployment.Tests.Support;

namespace Flotilla.Deployment.Tests.Walks;

/// <summary>Many servers made and removed by jobs through two workers: no port, process or file is left.</summary>
public sealed class LoadTests(TemplateCache cache)
{
    /// <summary>Below the range from which the system chooses ports itself, and below those that FreePort gives to tests beside this one.</summary>
    private const int FirstPort = 9_400;

    private const string Deployment = "loadloadloadloadload";

    [Fact]
    [Trait("tier", "full")]
    public Task TwelveServersLeaveNothingBehind() => RunAsync(12);

    [Fact]
    [Trait("tier", "long")]
    public Task AHundredServersLeaveNothingBehind() => RunAsync(100);

    private async Task RunAsync(int count)
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache, options => options with { MakesAtOnce = 2 });
        await hosts.AddAsync("b", 2, [Servers.MariaDb], cache, options => options with { MakesAtOnce = 2 });
        await using var deployer = hosts.Deployer();
        var facts = (await deployer.DiagnoseAsync([]))[0].Facts!;
        var version = $"mariadb {facts.Servers[0].Version}";
        var ports = new List<(string Host, int Port)>();
        // As many at once as the hosts will have; each keeps its server only until its turn ends.
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (at, _) =>
        {
            var host = at % 2 == 0 ? "a" : "b";
            var port = FirstPort + at;
            lock (ports)
                ports.Add((host, port));
            var made = await hosts.JobAsync("make_sandbox", host, $$"""
                {"deployment": "{{Deployment}}", "name": "n{{at}}", "version": "{{version}}", "port": {{port}}, "serverId": {{at + 1}}, "role": "standalone",
                 "credentials": {"root": "a1", "user": "a2", "readWrite": "a3", "readOnly": "a4", "replication": "a5"} }
                """);
            Assert.Contains("\"answers\":true", made);
            Assert.Contains("\"absent\"", await hosts.JobAsync("remove_sandbox", host, $$"""{"deployment": "{{Deployment}}", "name": "n{{at}}"}"""));
        });

        hosts.AssertClean("a", "b");
        Assert.Equal(count, ports.Count);
        foreach (var (host, port) in ports)
            Listen(hosts, host, port).Dispose();
    }

    private static TcpListener Listen(TestHosts hosts, string host, int port)
    {
        var listener = new TcpListener(hosts.Address(host == "a" ? 1 : 2), port);
        listener.Start();
        return listener;
    }
}
