using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>A cluster that an older program began, which each host has a copy of.</summary>
public sealed class UpgradeFixture : ChaosFixture
{
    private protected override Task<ChaosCluster> StartAsync() => ChaosCluster.StartAsync(program: Environment.GetEnvironmentVariable("FLOTILLA_OLD_PROGRAM") ?? AppContext.BaseDirectory);
}
