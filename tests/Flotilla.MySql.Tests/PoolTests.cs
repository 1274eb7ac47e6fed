using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

public sealed class PoolTests(Servers servers)
{
    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task AConnectionThatCameBackIsLentAgainAsNew(DatabaseKind kind)
    {
        await using var pool = new MySqlPool(await servers.OptionsAsync(kind));
        uint id;
        await using (var lease = await pool.RentAsync())
        {
            id = lease.Connection.ConnectionId;
            await lease.Connection.ExecuteAsync("SET @mine = 1");
            Assert.Equal((1, 0), (pool.LentCount, pool.IdleCount));
        }

        Assert.Equal((0, 1), (pool.LentCount, pool.IdleCount));
        await using var again = await pool.RentAsync();
        Assert.Equal(id, again.Connection.ConnectionId);
        Assert.Null(await again.Connection.QueryScalarAsync("SELECT @mine"));
    }

    [Fact]
    public async Task NoMoreConnectionsAreOpenThanAllowed()
    {
        await using var pool = new MySqlPool(await servers.OptionsAsync(DatabaseKind.MariaDb), new MySqlPoolOptions { MaxSize = 2, RentTimeout = TimeSpan.FromMilliseconds(50) });
        await using var first = await pool.RentAsync();
        var second = await pool.RentAsync();
        var error = await Assert.ThrowsAsync<MySqlTimeoutException>(async () => await pool.RentAsync());
        Assert.Contains("RentTimeout", error.Message);
        await second.DisposeAsync();
        await second.DisposeAsync();
        await using var third = await pool.RentAsync();
        Assert.Equal(2, pool.LentCount);
    }

    [Fact]
    public async Task LostAndBusyConnectionsAreReplaced()
    {
        await using var pool = new MySqlPool(await servers.OptionsAsync(DatabaseKind.MariaDb), new MySqlPoolOptions { CheckAfterIdle = TimeSpan.Zero });
        await using var killer = await servers.OpenAsync(DatabaseKind.MariaDb);
        var lease = await pool.RentAsync();
        var killed = lease.Connection.ConnectionId;
        await lease.DisposeAsync();
        await killer.ExecuteAsync($"KILL {killed}");
        var busy = await pool.RentAsync();
        Assert.NotEqual(killed, busy.Connection.ConnectionId);
        var result = await busy.Connection.QueryAsync("SELECT 1 UNION ALL SELECT 2");
        await busy.DisposeAsync();
        await result.DisposeAsync();
        Assert.Equal((0, 0), (pool.LentCount, pool.IdleCount));
        await using var fresh = await pool.RentAsync();
        Assert.Equal("1", await fresh.Connection.QueryScalarAsync("SELECT 1"));
    }

    [Fact]
    public async Task IdleConnectionsAreClosedInTime()
    {
        await using var pool = new MySqlPool(await servers.OptionsAsync(DatabaseKind.MariaDb), new MySqlPoolOptions { IdleTimeout = TimeSpan.FromMilliseconds(50) });
        await (await pool.RentAsync()).DisposeAsync();
        await Deadline.UntilAsync(() => pool.IdleCount == 0, "the idle connection is closed");
    }

    [Fact]
    public async Task ManyUsersShareFewConnections()
    {
        await using var pool = new MySqlPool(await servers.OptionsAsync(DatabaseKind.MariaDb), new MySqlPoolOptions { MaxSize = 4, RentTimeout = Deadline.Default });
        var ids = new HashSet<uint>();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            await using var lease = await pool.RentAsync();
            Assert.Equal(number.ToString(), await lease.Connection.QueryScalarAsync($"SELECT {number}"));
            lock (ids)
                ids.Add(lease.Connection.ConnectionId);
        }));
        Assert.InRange(ids.Count, 1, 4);
        Assert.Equal(0, pool.LentCount);
    }

    [Fact]
    public async Task ADisposedPoolLendsNothingAndClosesWhatComesBack()
    {
        var pool = new MySqlPool(await servers.OptionsAsync(DatabaseKind.MariaDb));
        var lease = await pool.RentAsync();
        await pool.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await pool.RentAsync());
        await lease.DisposeAsync();
        Assert.False(lease.Connection.IsOpen);
    }
}
