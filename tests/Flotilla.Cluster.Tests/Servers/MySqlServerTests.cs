using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>MySQL 5.6: the same words, by its own GTIDs, without acknowledgements.</summary>
[Trait("tier", "full")]
public sealed class MySqlServerTests
{
    [Fact]
    public async Task AReplicaOfMySqlCatchesUpTakesOverAndIsFollowed()
    {
        await using var cluster = await TestCluster.StartAsync(3, DatabaseKind.MySql56);
        var (primary, candidate, advanced) = (cluster.Primary, cluster.Servers[1], cluster.Servers[2]);
        await candidate.Control.StopReceiverAsync();
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await advanced.UntilAppliedAsync("1,2");
        await primary.Control.LockOutAsync(3);
        await primary.UntilAsync(seen => seen.ConnectedReplicas.Count == 0, "nobody is connected");
        await primary.KillAsync();

        var less = await candidate.Control.StopReceiverAsync();
        var more = await advanced.Control.StopReceiverAsync();
        Assert.Equal(PositionOrder.Before, less.CompareTo(more));
        await advanced.Control.WaitAppliedAsync(TestServer.Patience);
        await advanced.Control.LetInAsync(candidate.Id);
        await candidate.Control.CatchUpFromAsync(advanced.Address, more, TestServer.Patience);
        await candidate.Control.PromoteAsync(new HashSet<uint> { 1, 3 });
        await advanced.Control.FollowAsync(candidate.Address);
        await primary.RestartAsync(hasSuccessor: true);
        await primary.Control.FollowAsync(candidate.Address);
        await candidate.WriteAsync("INSERT INTO app.t (id) VALUES (3)");
        await advanced.UntilAppliedAsync("1,2,3");
        await primary.UntilAppliedAsync("1,2,3");
        Assert.Equal((await candidate.SeeAsync()).Applied, (await primary.SeeAsync()).Applied);

        await candidate.Control.DemoteAsync();
        Assert.True((await candidate.SeeAsync()).IsReadOnly);
        Assert.Empty(await primary.Control.CompareAsync(await candidate.Control.LoggedStateAsync()));
        var failure = await Assert.ThrowsAsync<ServerActionException>(() => candidate.Control.CompareAsync(""));
        Assert.Equal(ServerActionProblem.Unsupported, failure.Problem);
        Assert.Contains(":1-", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Its primary is gone, and it begins again with a relay log that it has not applied: what is there may be nowhere else, and nobody follows before it is applied.</summary>
    [Fact]
    public async Task AReplicaThatDiedAppliesWhatIsInItsRelayLog()
    {
        await using var cluster = await TestCluster.StartAsync(2, DatabaseKind.MySql56);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await replica.SqlAsync("STOP SLAVE SQL_THREAD");
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (3)");
        var end = (await primary.SeeAsync()).Logged;
        await replica.UntilAsync(seen => seen.Replica!.Received.Contains(end), "it received all");
        await replica.KillAsync();
        await primary.KillAsync();
        await replica.RestartAsync(hasSuccessor: true);

        Assert.True((await replica.SeeAsync()).Replica is { HasUnapplied: true, IsApplierRunning: false });
        await Assert.ThrowsAsync<ServerActionException>(() => replica.Control.DetachAsync());
        Assert.Equal(end, await replica.Control.SalvageAsync(TestServer.Patience));
        Assert.Equal("1,2,3", await replica.RowsAsync());
        Assert.False((await replica.SeeAsync()).Replica!.HasUnapplied);
        Assert.Equal(end, await replica.Control.SalvageAsync(TestServer.Patience));
        await replica.Control.PromoteAsync(new HashSet<uint> { 1 });
    }
}
