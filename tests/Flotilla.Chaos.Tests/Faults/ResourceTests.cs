using System.Globalization;
using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>What a host runs out of, on hosts whose servers have a small disk of their own.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class ResourceTests(SmallDiskFixture chaos) : IClassFixture<SmallDiskFixture>
{
    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryWhoseDiskIsFullIsReplacedAndReturnsWhenThereIsRoom()
    {
        await using var scenario = await chaos.BeginAsync("disk of the primary: full, freed after the failover");
        var ballast = Path.Combine(scenario.Primary.ServersFolder, "ballast");
        Tool.TryRun("dd", string.Create(CultureInfo.InvariantCulture, $"if=/dev/zero of={ballast} bs=64k"));
        scenario.Fault();
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        File.Delete(ballast);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AReplicaWhoseDiskIsFullIsNoOutage()
    {
        await using var scenario = await chaos.BeginAsync("disk of a replica: full for 20 s");
        var ballast = Path.Combine(scenario.Replicas[0].ServersFolder, "ballast");
        Tool.TryRun("dd", string.Create(CultureInfo.InvariantCulture, $"if=/dev/zero of={ballast} bs=64k"));
        scenario.Fault();
        await Task.Delay(TimeSpan.FromSeconds(20));
        await scenario.UntilMoreAsync();
        File.Delete(ballast);
        await scenario.CheckAsync((0, 0), cause: null);
    }
}
