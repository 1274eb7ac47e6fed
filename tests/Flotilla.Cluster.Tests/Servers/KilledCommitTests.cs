using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>Commits that are killed while they wait for their acknowledgement: who ends the wait, who is answered, and how it is seen.</summary>
[Trait("tier", "full")]
public sealed class KilledCommitTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    /// <summary>Not defended against: the leader of a group of commits waits for all of them, and its end is taken for their acknowledgement.</summary>
    [Fact]
    public async Task AKilledCommitAnswersOthersOfItsGroupThoughNobodyAcknowledgedThemAndTheServerCountsThem()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var primary = cluster.Primary;
        await cluster.Servers[1].Control.StopReceiverAsync();
        List<Task> writes = [];
        for (var row = 2; row <= 5; row++)
        {
            // The first waits for its acknowledgement, the second for the first; the third leads what comes after it.
            writes.Add(await TestCluster.BeginWriteAsync(primary, Insert(row)));
            await UnderWayAsync(primary, row);
        }

        for (var row = 2; row <= 4; row++)
            await primary.SqlAsync($"KILL QUERY {await IdOfAsync(primary, row)}");
        await writes[^1].WaitAsync(TestServer.Patience);
        Assert.Equal("1,2,3,4,5", await primary.RowsAsync());
        Assert.Equal("1", await cluster.Servers[1].RowsAsync());
        var seen = await primary.SeeAsync();
        Assert.True(seen.IsSemiSyncPrimary);
        Assert.Equal(4, seen.UnacknowledgedCommits);
    }

    [Fact]
    public async Task AKilledConnectionHasNoAnswerButItsRowIsThereAndIsCounted()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var write = await WaitingWriteAsync(cluster, Insert(2));
        await cluster.Primary.SqlAsync($"KILL CONNECTION {await IdOfAsync(cluster.Primary, 2)}");
        await Assert.ThrowsAsync<MySqlConnectionLostException>(() => write.WaitAsync(TestServer.Patience));
        await Deadline.UntilAsync(async () => await cluster.Primary.RowsAsync() == "1,2", "the row is committed");
        Assert.Equal(1, (await cluster.Primary.SeeAsync()).UnacknowledgedCommits);
        await cluster.Primary.SqlAsync("FLUSH NO_WRITE_TO_BINLOG STATUS");
        Assert.Equal(0, (await cluster.Primary.SeeAsync()).UnacknowledgedCommits);
    }

    [Theory]
    [InlineData("KILL SOFT QUERY")]
    [InlineData("KILL SOFT CONNECTION")]
    public async Task ASoftKillDoesNotEndTheWait(string kill)
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var primary = cluster.Primary;
        var write = await WaitingWriteAsync(cluster, Insert(2));
        var other = await TestCluster.BeginWriteAsync(primary, Insert(3));
        await UnderWayAsync(primary, 3);
        await primary.SqlAsync($"{kill} {await IdOfAsync(primary, 2)}");
        await NobodyIsAnsweredAsync(primary, other);

        await cluster.Servers[1].Control.FollowAsync(primary.Address);
        await other.WaitAsync(TestServer.Patience);
        await cluster.Servers[1].UntilAppliedAsync("1,2,3");
        await Task.WhenAny(write).WaitAsync(TestServer.Patience);
    }

    [Fact]
    public async Task TheServersLimitOfAStatementDoesNotEndTheWait()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var primary = cluster.Primary;
        var write = await WaitingWriteAsync(cluster, "SET max_statement_time = 0.3", "BEGIN", Insert(2), "COMMIT");
        var other = await TestCluster.BeginWriteAsync(primary, Insert(3));
        await UnderWayAsync(primary, 3);
        await Deadline.UntilAsync(
            async () => await primary.ScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'MAX_STATEMENT_TIME_EXCEEDED'") == "1", "the limit passed");
        await NobodyIsAnsweredAsync(primary, other);

        await cluster.Servers[1].Control.FollowAsync(primary.Address);
        await other.WaitAsync(TestServer.Patience);
        await cluster.Servers[1].UntilAppliedAsync("1,2,3");
        await write.WaitAsync(TestServer.Patience);
    }

    [Fact]
    public async Task TheLimitOfOurClientAnswersNobody()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var primary = cluster.Primary;
        await cluster.Servers[1].Control.StopReceiverAsync();
        await using var hasty = await MySqlConnection.OpenAsync(primary.Client with { CommandTimeout = Moment, KillTimeout = Moment });
        var write = hasty.ExecuteAsync(Insert(2)).AsTask();
        await primary.UntilRowsWaitAsync(1);
        var other = await TestCluster.BeginWriteAsync(primary, Insert(3));
        await UnderWayAsync(primary, 3);
        await Assert.ThrowsAsync<MySqlTimeoutException>(() => write);
        await NobodyIsAnsweredAsync(primary, other);

        await cluster.Servers[1].Control.FollowAsync(primary.Address);
        await other.WaitAsync(TestServer.Patience);
        await cluster.Servers[1].UntilAppliedAsync("1,2,3");
    }

    /// <summary>Administrators may write to a server that is read-only.</summary>
    [Fact]
    public async Task ADemotionEndsNoCommitThatWaits()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var primary = cluster.Primary;
        await cluster.Servers[1].Control.StopReceiverAsync();
        await primary.SqlAsync("SET GLOBAL read_only = 1");
        var write = primary.SqlAsync(Insert(2));
        await primary.UntilRowsWaitAsync(1);
        await Assert.ThrowsAsync<ServerActionException>(() => primary.Control.DemoteAsync());
        await NobodyIsAnsweredAsync(primary, Task.Delay(Timeout.Infinite));

        await cluster.Servers[1].Control.FollowAsync(primary.Address);
        await cluster.Servers[1].UntilAppliedAsync("1,2");
        await Task.WhenAny(write).WaitAsync(TestServer.Patience);
    }

    private static async Task NobodyIsAnsweredAsync(TestServer primary, Task other)
    {
        await Task.Delay(Moment);
        Assert.False(other.IsCompleted);
        Assert.Equal("1", await primary.RowsAsync());
        Assert.Equal(0, (await primary.SeeAsync()).UnacknowledgedCommits);
    }

    private static async Task<Task> WaitingWriteAsync(TestCluster cluster, params string[] statements)
    {
        await cluster.Servers[1].Control.StopReceiverAsync();
        var session = await MySqlConnection.OpenAsync(cluster.Primary.Client);
        var write = Task.Run(async () =>
        {
            await using (session)
            {
                foreach (var statement in statements)
                    await session.ExecuteAsync(statement);
            }
        });
        await cluster.Primary.UntilRowsWaitAsync(1);
        return write;
    }

    private static string Insert(int row) => $"INSERT INTO app.t (id) VALUES ({row})";

    private static Task UnderWayAsync(TestServer server, int row)
        => Deadline.UntilAsync(async () => await IdOfAsync(server, row) is not null, $"row {row} is under way");

    private static Task<string?> IdOfAsync(TestServer server, int row)
        => server.ScalarAsync($"SELECT id FROM information_schema.processlist WHERE info = '{Insert(row)}' AND state IN ('Commit', 'Waiting for semi-sync ACK from slave')");
}
