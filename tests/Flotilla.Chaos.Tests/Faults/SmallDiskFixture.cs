using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>The servers of this cluster have a disk of their own.</summary>
public sealed class SmallDiskFixture : ChaosFixture
{
    private const int Mebibytes = 400;

    private protected override Task<ChaosCluster> StartAsync() => ChaosCluster.StartAsync(Mebibytes);
}
