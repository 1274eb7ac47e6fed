using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>
/// Nodes get another program, one after the other, while there are writes: its folder is replaced by rename, as a package does it, under the guards that run from it. The program before is a copy of this one, or what
/// FLOTILLA_OLD_PROGRAM names: the folder of an older build.
/// </summary>
[Collection(nameof(ChaosCollection))]
public sealed class UpgradeTests(ChaosFixture chaos)
{
    [Fact]
    [Trait("tier", "long")]
    public async Task NodesAreUpgradedOneAfterTheOther()
    {
        var cluster = await chaos.ClusterAsync();
        await cluster.UntilFullAsync();
        var old = Environment.GetEnvironmentVariable("FLOTILLA_OLD_PROGRAM");
        foreach (var host in cluster.All)
        {
            var program = Path.Combine(host.Folder, "program");
            Tool.Run("cp", $"-r {old ?? AppContext.BaseDirectory} {program}");
            host.Program = program;
            await RestartAsync(cluster, host);
        }

        await using var scenario = await chaos.BeginAsync(cluster, "nodes upgraded one after the other");
        scenario.Fault();
        foreach (var host in cluster.All)
        {
            Tool.Run("cp", $"-r {AppContext.BaseDirectory} {host.Program}.new");
            Directory.Move(host.Program, host.Program + ".old");
            Directory.Move(host.Program + ".new", host.Program);
            await RestartAsync(cluster, host);
        }

        await scenario.CheckAsync((0, 3), cause: null);
    }

    private static async Task RestartAsync(ChaosCluster cluster, Host host)
    {
        await host.StopNodeAsync();
        host.StartNode();
        await cluster.UntilFullAsync();
    }
}
