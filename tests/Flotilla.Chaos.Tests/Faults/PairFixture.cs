using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>Two hosts with servers, and a third node that only votes; the policy prefers to go on.</summary>
public sealed class PairFixture : ChaosFixture
{
    private protected override Task<ChaosCluster> StartAsync() => ChaosCluster.StartAsync(servers: 2, policy: "flapWindowSeconds: 0, loss: available");
}
