using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>What happens to servers.</summary>
[Trait("tier", "full")]
[Collection(nameof(ChaosCollection))]
public sealed class ServerTests(ChaosFixture chaos)
{
    [Fact]
    public async Task AKilledPrimaryIsReplacedAndReturns()
    {
        await using var scenario = await chaos.BeginAsync("primary's server killed");
        scenario.Primary.SignalServer(Signals.Kill);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.CheckAsync((1, 1), "");
    }
}
