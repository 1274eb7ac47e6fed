using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

public sealed class InterruptTests(Servers servers)
{
    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task ACancelledQueryIsKilledAndTheConnectionStaysUsable(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        for (var round = 0; round < 3; round++)
        {
            using var cancel = new CancellationTokenSource();
            var query = connection.ExecuteAsync("SELECT SLEEP(1000)", cancel.Token).AsTask();
            await using var watcher = await servers.OpenAsync(kind);
            await TestSupport.Deadline.UntilAsync(
                async () => await watcher.QueryScalarAsync($"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {connection.ConnectionId} AND info LIKE '%SLEEP%'") is "1",
                "the query runs");
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
            Assert.True(connection.IsOpen);
            Assert.Equal("1", await connection.QueryScalarAsync("SELECT 1"));
        }
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    [Trait("tier", "full")]
    public async Task ACommandThatTakesTooLongIsKilled(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind, options => options with { CommandTimeout = TimeSpan.FromMilliseconds(200) });
        await Assert.ThrowsAsync<MySqlTimeoutException>(async () => await connection.ExecuteAsync("SELECT SLEEP(1000)"));
        Assert.True(connection.IsOpen);
        connection.CommandTimeout = TestSupport.Deadline.Default;
        Assert.Equal("1", await connection.QueryScalarAsync("SELECT 1"));
    }

    [Fact]
    public async Task ATokenThatFiresWhileRowsAreReadEndsTheResult()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb, options => options with { Database = "mysql" });
        using var cancel = new CancellationTokenSource();
        await using var result = await connection.QueryAsync("SELECT seq, REPEAT('x', 5000), SLEEP(seq > 100) FROM seq_1_to_1000000", cancel.Token);
        for (var row = 0; row < 10; row++)
            Assert.True(await result.ReadAsync());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await result.ReadAsync());
        Assert.Equal("1", await connection.QueryScalarAsync("SELECT 1"));
    }

    [Fact]
    public async Task ATokenThatWasCancelledBeforeSendsNothing()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.QueryAsync("SELECT 1", new CancellationToken(true)));
        Assert.Equal("2", await connection.QueryScalarAsync("SELECT 2"));
    }

    [Fact]
    public async Task CancellingAgainAndAgainAtAnyMomentLeavesTheConnectionUsable()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
        for (var round = 0; round < 50; round++)
        {
            using var cancel = new CancellationTokenSource();
            var query = connection.ExecuteAsync("SELECT SLEEP(0.003)", cancel.Token).AsTask();
            await Task.Delay(round % 5);
            await cancel.CancelAsync();
            try
            {
                await query;
            }
            catch (OperationCanceledException)
            {
                // Or it was faster.
            }

            Assert.Equal($"{round}", await connection.QueryScalarAsync($"SELECT {round}"));
        }
    }
}
