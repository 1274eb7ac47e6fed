using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>Nodes and servers reach one another by relays only; clients reach the servers without.</summary>
public sealed class RelayFixture : ChaosFixture
{
    private protected override Task<ChaosCluster> StartAsync() => ChaosCluster.StartAsync(isRelayed: true);
}
