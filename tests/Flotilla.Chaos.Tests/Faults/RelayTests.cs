using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>Connections that live and carry nothing one way. What they did not carry arrives late, when all is decided.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class RelayTests(RelayFixture chaos) : IClassFixture<RelayFixture>
{
    /// <summary>Longer than a lease, than a lost member is waited for, and than an acker is waited for.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(12);

    [Fact]
    [Trait("tier", "long")]
    public Task APrimaryWhoseNodeIsNotHeardIsReplaced() => ReplacesThePrimaryAsync("relay: the group gets nothing of the primary's node", scenario =>
    {
        foreach (var replica in scenario.Replicas)
            Relay.Cut(scenario.Primary, replica, Host.NodePort);
    });

    [Fact]
    [Trait("tier", "long")]
    public Task APrimaryWhoseNodeHearsNobodyIsReplaced() => ReplacesThePrimaryAsync("relay: the primary's node gets nothing of the group", scenario =>
    {
        foreach (var replica in scenario.Replicas)
            Relay.Cut(replica, scenario.Primary, Host.NodePort);
    });

    [Fact]
    [Trait("tier", "long")]
    public Task APrimaryThatSendsAndIsNotHeardIsReplaced() => ReplacesThePrimaryAsync("relay: nothing of the primary's node and server arrives", scenario =>
    {
        foreach (var replica in scenario.Replicas)
        {
            Relay.Cut(scenario.Primary, replica, Host.NodePort);
            Relay.Cut(scenario.Primary, replica, Host.ServerPort);
        }
    });

    [Fact]
    [Trait("tier", "long")]
    public Task ANodeThatOneOtherDoesNotHearReplacesNobody() => ReplacesNobodyAsync(
        "relay: the node of one replica gets nothing of the other's", scenario => Relay.Cut(scenario.Replicas[0], scenario.Replicas[1], Host.NodePort));

    /// <summary>The other one's are enough.</summary>
    [Fact]
    [Trait("tier", "long")]
    public Task AcknowledgementsOfOneReplicaThatDoNotArriveAreNoOutage() => ReplacesNobodyAsync(
        "relay: acknowledgements of one replica do not arrive", scenario => Relay.Cut(scenario.Replicas[0], scenario.Primary, Host.ServerPort));

    /// <summary>They have all that is sent, and nobody is told: what waits is answered when their word arrives.</summary>
    [Fact]
    [Trait("tier", "long")]
    public async Task CommitsWaitAsLongAsNoAcknowledgementArrives()
    {
        await using var scenario = await chaos.BeginAsync("relay: acknowledgements of no replica arrive for 12 s");
        foreach (var replica in scenario.Replicas)
            Relay.Cut(replica, scenario.Primary, Host.ServerPort);
        scenario.Fault();
        await Task.Delay(TimeSpan.FromSeconds(1));
        await scenario.NoAnswersForAsync(LongEnough);
        await MendAsync(scenario);
        await scenario.CheckAsync((0, 0), cause: null);
    }

    private async Task ReplacesThePrimaryAsync(string fault, Action<Scenario> cut)
    {
        await using var scenario = await chaos.BeginAsync(fault);
        cut(scenario);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        await MendAsync(scenario);
        await scenario.CheckAsync((1, 1), "");
    }

    private async Task ReplacesNobodyAsync(string fault, Action<Scenario> cut)
    {
        await using var scenario = await chaos.BeginAsync(fault);
        cut(scenario);
        scenario.Fault();
        await Task.Delay(LongEnough);
        await scenario.UntilMoreAsync();
        await MendAsync(scenario);
        await scenario.CheckAsync((0, 0), cause: null);
    }

    private static async Task MendAsync(Scenario scenario)
    {
        var held = await Task.WhenAll(scenario.Cluster.All.Select(host => host.Relay!.MendAsync()));
        Assert.True(held.Sum() > 0, "the cut held nothing back: it was no fault");
    }
}
