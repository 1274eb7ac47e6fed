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
    public async Task APrimaryWhoseNodeIsNotHeardIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("relay: the group gets nothing of the primary's node");
        foreach (var replica in scenario.Replicas)
            Relay.Cut(scenario.Primary, replica, Host.NodePort);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        Mend(scenario);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryWhoseNodeHearsNobodyIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("relay: the primary's node gets nothing of the group");
        foreach (var replica in scenario.Replicas)
            Relay.Cut(replica, scenario.Primary, Host.NodePort);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        Mend(scenario);
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task ANodeThatOneOtherDoesNotHearReplacesNobody()
    {
        await using var scenario = await chaos.BeginAsync("relay: the node of one replica gets nothing of the other's");
        Relay.Cut(scenario.Replicas[0], scenario.Replicas[1], Host.NodePort);
        scenario.Fault();
        await Task.Delay(LongEnough);
        await scenario.UntilMoreAsync();
        Mend(scenario);
        await scenario.CheckAsync((0, 0), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryThatSendsAndIsNotHeardIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("relay: nothing of the primary's node and server arrives");
        foreach (var replica in scenario.Replicas)
        {
            Relay.Cut(scenario.Primary, replica, Host.NodePort);
            Relay.Cut(scenario.Primary, replica, Host.ServerPort);
        }

        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        Mend(scenario);
        await scenario.CheckAsync((1, 1), "");
    }

    /// <summary>The other one's are enough.</summary>
    [Fact]
    [Trait("tier", "long")]
    public async Task AcknowledgementsOfOneReplicaThatDoNotArriveAreNoOutage()
    {
        await using var scenario = await chaos.BeginAsync("relay: acknowledgements of one replica do not arrive");
        Relay.Cut(scenario.Replicas[0], scenario.Primary, Host.ServerPort);
        scenario.Fault();
        await Task.Delay(LongEnough);
        await scenario.UntilMoreAsync();
        Mend(scenario);
        await scenario.CheckAsync((0, 0), cause: null);
    }

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
        Mend(scenario);
        await scenario.CheckAsync((0, 0), cause: null);
    }

    private static void Mend(Scenario scenario)
    {
        foreach (var host in scenario.Cluster.All)
            host.Relay!.Mend();
    }
}
