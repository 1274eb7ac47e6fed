namespace Flotilla.Chaos.Tests.Faults;

/// <summary>Two servers and a witness.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class PairTests(PairFixture chaos) : IClassFixture<PairFixture>
{
    [Fact]
    [Trait("tier", "long")]
    public async Task TheOtherOfAPairGoesOnAloneAfterAWhileAndWaitsForTheFirstAgain()
    {
        await using var scenario = await chaos.BeginAsync("two servers and a witness: host of the primary loses its power");
        await scenario.PowerOffAsync(scenario.Primary);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.PowerOn(scenario.Primary);
        await scenario.CheckAsync((1, 1), "nobody has acknowledged");
    }
}
