using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>
/// Nodes get another program, one after the other, while there are writes: its folder is replaced by rename, as a package does it, under the guards that run from it. The program before is a copy of this one, or what
/// FLOTILLA_OLD_PROGRAM names: the folder of an older build.
/// </summary>
[Collection(nameof(ChaosCollection))]
public sealed class UpgradeTests(UpgradeFixture chaos) : IClassFixture<UpgradeFixture>
{
    [Fact]
    [Trait("tier", "long")]
    public async Task NodesAreUpgradedOneAfterTheOther()
    {
        var cluster = await chaos.ClusterAsync();
        await using var scenario = await chaos.BeginAsync(cluster, "nodes upgraded one after the other");
        scenario.Fault();
        var primaries = 0;
        foreach (var host in cluster.All)
        {
            primaries += await cluster.IsPrimaryAsync(host) ? 1 : 0;
            Tool.Run("cp", $"-r {AppContext.BaseDirectory} {host.Program}.new");
            Directory.Move(host.Program, host.Program + ".old");
            Directory.Move(host.Program + ".new", host.Program);
            await RestartAsync(cluster, host);
        }

        // Only a primary whose node is not back within its lease gives way.
        await scenario.CheckAsync((0, primaries), cause: null);
    }

    private static async Task RestartAsync(ChaosCluster cluster, Host host)
    {
        await host.StopNodeAsync();
        host.StartNode();
        await cluster.UntilFullAsync();
    }
}
