using Flotilla.Chaos.Tests.World;
using Flotilla.TestSupport;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>Clocks that are set, on one process only: nothing may depend on them.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class ClockTests(ChaosFixture chaos)
{
    [Fact]
    [Trait("tier", "long")]
    public async Task AClockThatIsSetUnderTheCoordinatorIsNoFault()
    {
        var cluster = await chaos.ClusterAsync();
        var host = cluster.All[(await cluster.UntilFullAsync()).Coordinator![0] - 'a'];
        await TurnsAsync(cluster, host);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AClockThatIsSetUnderThePrimarysNodeIsNoFault()
    {
        var cluster = await chaos.ClusterAsync();
        await TurnsAsync(cluster, cluster.All[Host.IndexOf((await cluster.UntilFullAsync()).Primary!)]);
    }

    private async Task TurnsAsync(ChaosCluster cluster, Host host)
    {
        var clock = Path.Combine(host.Folder, "clock");
        await File.WriteAllTextAsync(clock, "+0\n");
        (string Name, string Value)[] variables = [("FAKETIME_TIMESTAMP_FILE", clock), ("FAKETIME_CACHE_DURATION", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
        foreach (var (name, value) in variables)
            host.Environment[name] = value;
        host.Through = [Repository.Combine(".tools", "peers", "bin", "faketime")];
        await host.KillNodeAsync();
        host.StartNode();
        await cluster.UntilFullAsync();
        await using var scenario = await chaos.BeginAsync(cluster, "clock of a node set forward and back by an hour");
        scenario.Fault();
        foreach (var turn in (string[])["+3600", "-3600", "+0"])
        {
            await File.WriteAllTextAsync(clock, turn + "\n");
            await Task.Delay(TimeSpan.FromSeconds(4));
        }

        host.Environment.Clear();
        host.Through = [];
        await scenario.CheckAsync((0, 0), cause: null);
    }
}
