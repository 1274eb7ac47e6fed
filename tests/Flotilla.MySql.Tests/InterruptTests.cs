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
    public async Task ACommandThatTakesTooLongIsKilled(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind, options => options with { CommandTimeout = TimeSpan.FromMilliseconds(200) });
        await Assert.ThrowsAsync<MySqlTimeoutException>(async () => await connection.ExecuteAsync("SELECT SLEEP(1000)"));
        Assert.True(connection.IsOpen);
        Assert.Equal("1", await connection.QueryScalarAsync("SELECT 1"));
    }
}
