using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>What happens to links.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class LinkTests(ChaosFixture chaos)
{
    /// <summary>Longer than a lease, than a lost member is waited for, and than an acker is waited for.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(12);

    [Fact]
    [Trait("tier", "full")]
    public async Task AnIsolatedPrimaryAnswersNobodyNotEvenItsOwnClients()
    {
        await using var scenario = await chaos.BeginAsync("primary with its clients: cut off, packets vanish");
        scenario.Network.Isolate(scenario.Primary.Index);
        scenario.Hit(scenario.Primary);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((1, 1), $"its node {scenario.Primary.Letter} is gone");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryThatOnlyClientsReachIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("primary: cut off from both other hosts, packets vanish");
        foreach (var replica in scenario.Replicas)
            scenario.Network.Cut(scenario.Primary.Index, replica.Index);
        scenario.Hit(scenario.Primary);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((1, 1), $"its node {scenario.Primary.Letter} is gone");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryToWhichThereIsNoRouteIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("primary: no route to both other hosts");
        foreach (var replica in scenario.Replicas)
            scenario.Network.Unroute(scenario.Primary.Index, replica.Index);
        scenario.Hit(scenario.Primary);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((1, 1), $"its node {scenario.Primary.Letter} is gone");
    }

    /// <summary>Replicas go on acknowledging: only the lease ends the old primary.</summary>
    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryWhoseNodeAloneIsCutOffEndsWithItsLease()
    {
        await using var scenario = await chaos.BeginAsync("node of the primary: cut off, its server is not");
        foreach (var replica in scenario.Replicas)
            scenario.Network.Cut(scenario.Primary.Index, replica.Index, Host.NodePort);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryThatNoReplicaReachesIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("server of the primary: cut off from both replicas, nodes are not");
        foreach (var replica in scenario.Replicas)
            scenario.Network.Cut(scenario.Primary.Index, replica.Index, Host.ServerPort);
        scenario.Fault();
        // No client on these hosts reaches all servers.
        scenario.Hit(scenario.Cluster.All);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((1, 1), $"cannot connect to {scenario.Primary.Server}");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryThatOneReplicaDoesNotReachGoesOn()
    {
        await using var scenario = await chaos.BeginAsync("server of the primary: cut off from one replica");
        scenario.Network.Cut(scenario.Primary.Index, scenario.Replicas[0].Index, Host.ServerPort);
        scenario.Fault();
        scenario.Hit(scenario.Replicas[0]);
        await Task.Delay(LongEnough);
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((0, 0), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task ACutLinkBetweenTwoHostsReplacesNobody()
    {
        await using var scenario = await chaos.BeginAsync("hosts of the primary and one replica: link cut");
        scenario.Network.Cut(scenario.Primary.Index, scenario.Replicas[0].Index);
        scenario.Fault();
        scenario.Hit(scenario.Replicas[0]);
        await Task.Delay(LongEnough);
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((0, 0), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryThatIsNotHeardIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("primary: what it sends to the other hosts vanishes");
        foreach (var replica in scenario.Replicas)
            scenario.Network.Drop(scenario.Primary.Index, replica.Index);
        scenario.Hit(scenario.Primary);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task APrimaryThatHearsNobodyIsReplaced()
    {
        await using var scenario = await chaos.BeginAsync("primary: what the other hosts send to it vanishes");
        foreach (var replica in scenario.Replicas)
            scenario.Network.Drop(replica.Index, scenario.Primary.Index);
        scenario.Hit(scenario.Primary);
        scenario.LeaseEnds(scenario.Primary, scenario.Fault() + Scenario.LeaseNs);
        await scenario.UntilAnotherPrimaryAsync();
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((1, 1), "");
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AFlappingLinkOfThePrimaryLosesNothing()
    {
        const int Flaps = 5;
        await using var scenario = await chaos.BeginAsync("primary: link flaps, cut for 1 s five times");
        scenario.Fault();
        for (var flap = 0; flap < Flaps; flap++)
        {
            scenario.Network.Isolate(scenario.Primary.Index);
            await Task.Delay(TimeSpan.FromSeconds(1));
            scenario.Network.Mend();
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        scenario.Hit(scenario.Primary);
        await scenario.CheckAsync((0, Flaps), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task ASlowLinkOfThePrimaryLosesNothing()
    {
        const int Kilobits = 400;
        await using var scenario = await chaos.BeginAsync("primary: link of 400 kbit/s");
        scenario.Network.Slow(scenario.Primary.Index, Kilobits);
        scenario.Fault();
        await Task.Delay(LongEnough);
        scenario.Network.Mend();
        await scenario.CheckAsync((0, 1), cause: null);
    }

    [Fact]
    [Trait("tier", "long")]
    public async Task AReplicaThatIsCutOffIsNoOutage()
    {
        await using var scenario = await chaos.BeginAsync("host of a replica: cut off, packets vanish");
        scenario.Network.Isolate(scenario.Replicas[0].Index);
        scenario.Fault();
        scenario.Hit(scenario.Replicas[0]);
        await Task.Delay(LongEnough);
        await scenario.UntilMoreAsync();
        scenario.Network.Mend();
        await scenario.CheckAsync((0, 0), cause: null);
    }
}
