using Flotilla.TestSupport;

namespace Flotilla.MySql.Tests;

/// <summary>Servers that lie, hang or vanish.</summary>
public sealed class HostileServerTests
{
    /// <summary>The packets of a one-column result, up to its rows.</summary>
    private static readonly byte[] Column = [3, .. "def"u8, 0, 0, 0, 1, (byte)'c', 0, 12, 63, 0, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0];

    [Fact]
    public async Task AConnectionThatEndsAmongRowsIsLost()
    {
        await using var server = Scripted(async session =>
        {
            await ColumnsAsync(session);
            await session.SendAsync([1, (byte)'1']);
            throw new IOException("gone");
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        await using var result = await connection.QueryAsync("SELECT 1");
        Assert.True(await result.ReadAsync());
        Assert.Equal(1, result.GetInt64(0));
        await Assert.ThrowsAsync<MySqlConnectionLostException>(async () => await result.ReadAsync());
        Assert.False(connection.IsOpen);
        Assert.False(await result.ReadAsync());
    }

    [Fact]
    public async Task ErrorsAmongRowsAreTheServersErrors()
    {
        await using var server = Scripted(async session =>
        {
            await ColumnsAsync(session);
            await session.SendAsync([1, (byte)'1']);
            await session.ErrorAsync(1105, "HY000", "broke off");
            await session.ReceiveAsync();
            session.Sequence = 1;
            await session.OkAsync();
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        await using (var result = await connection.QueryAsync("SELECT 1"))
        {
            Assert.True(await result.ReadAsync());
            var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await result.ReadAsync());
            Assert.Equal(1105, error.Number);
        }

        await connection.PingAsync();
    }

    [Theory]
    [InlineData("a row longer than its columns", "02 01 01 01")]
    [InlineData("a row shorter than it says", "05 31")]
    [InlineData("an empty packet", "")]
    [InlineData("a length of no form", "ff")]
    public async Task RowsThatMakeNoSenseEndTheConnection(string what, string row)
    {
        await using var server = Scripted(async session =>
        {
            await ColumnsAsync(session);
            await session.SendAsync(HexFile.Parse(row));
            await session.ReceiveAsync();
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        await using var result = await connection.QueryAsync("SELECT 1");
        var error = await Assert.ThrowsAsync<MySqlProtocolException>(async () => await result.ReadAsync());
        Assert.True(error.Message.StartsWith("the server sent", StringComparison.Ordinal), $"{what}: {error.Message}");
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task PacketsOutOfOrderEndTheConnection()
    {
        await using var server = Scripted(async session =>
        {
            session.Sequence = 5;
            await session.OkAsync();
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        var error = await Assert.ThrowsAsync<MySqlProtocolException>(async () => await connection.PingAsync());
        Assert.Contains("packet number 5 where 1", error.Message);
    }

    [Fact]
    public async Task AFileIsNotGivenToAServerThatAsksOfItself()
    {
        byte[]? given = null;
        await using var server = Scripted(async session =>
        {
            await session.SendAsync([0xfb, .. "/etc/passwd"u8]);
            given = await session.ReceiveAsync();
            await session.OkAsync();
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        var error = await Assert.ThrowsAsync<MySqlException>(async () => await connection.ExecuteAsync("SELECT 1"));
        Assert.Contains("/etc/passwd", error.Message);
        Assert.Empty(given!);
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task AServerThatCannotBeToldToKillLosesTheConnection()
    {
        var connections = 0;
        await using var server = new FakeServer(async session =>
        {
            if (Interlocked.Increment(ref connections) > 1)
                throw new IOException("no second connection");
            await LogInAsync(session);
            await session.ReceiveAsync();
            await session.ReceiveAsync();
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        using var cancel = new CancellationTokenSource();
        var query = connection.ExecuteAsync("SELECT SLEEP(1000)", cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task AStatementThatDoesNotObeyTheKillLosesTheConnection()
    {
        var kills = new List<string>();
        await using var server = new FakeServer(async session =>
        {
            await LogInAsync(session);
            var command = System.Text.Encoding.UTF8.GetString(await session.ReceiveAsync());
            while (command.Contains("KILL", StringComparison.Ordinal))
            {
                lock (kills)
                    kills.Add(command[1..]);
                await session.OkAsync();
                command = System.Text.Encoding.UTF8.GetString(await session.ReceiveAsync());
            }

            await session.ReceiveAsync();
        });
        var time = new ManualTime();
        await using var connection = await MySqlConnection.OpenAsync(
            server.Options with { Time = time, CommandTimeout = TimeSpan.FromMinutes(1), KillTimeout = TimeSpan.FromDays(1) });
        var query = connection.ExecuteAsync("SELECT SLEEP(1000)").AsTask();
        await Deadline.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                lock (kills)
                    return kills.Count > 1;
            },
            "the kill is repeated");
        Assert.True(connection.IsOpen);
        await Deadline.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromHours(1));
                return query.IsCompleted;
            },
            "it is given up");
        var error = await Assert.ThrowsAsync<MySqlTimeoutException>(() => query);
        Assert.Contains("CommandTimeout", error.Message);
        Assert.All(kills, kill => Assert.Equal("KILL QUERY 77", kill));
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task AKillThatComesTooLateDoesNotStrikeTheNextCommand()
    {
        var ended = new TaskCompletionSource();
        var commands = new List<string>();
        await using var server = new FakeServer(async session =>
        {
            await LogInAsync(session);
            while (true)
            {
                var command = System.Text.Encoding.UTF8.GetString((await session.ReceiveAsync())[1..]);
                lock (commands)
                    commands.Add(command);
                if (command is "SELECT slow")
                    await ended.Task;
                if (command.StartsWith("KILL", StringComparison.Ordinal))
                    ended.TrySetResult();
                if (command is "DO SLEEP(0)")
                    await session.ErrorAsync(1317, "70100", "Query execution was interrupted");
                else
                    await session.OkAsync();
            }
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        using var cancel = new CancellationTokenSource();
        var query = connection.ExecuteAsync("SELECT slow", cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
        Assert.True(connection.IsOpen);
        await connection.ExecuteAsync("SELECT next");
        Assert.Contains("DO SLEEP(0)", commands);
    }

    [Fact]
    public async Task TooManyConnectionsAreSaidBeforeTheHandshake()
    {
        await using var server = new FakeServer(session => session.SendAsync([0xff, 0x10, 4, .. "Too many connections"u8]));
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await MySqlConnection.OpenAsync(server.Options));
        Assert.Equal((1040, "Too many connections"), (error.Number, error.ServerMessage));
    }

    private static FakeServer Scripted(Func<FakeSession, Task> answer) => new(async session =>
    {
        await LogInAsync(session);
        await session.ReceiveAsync();
        await answer(session);
    });

    private static async Task LogInAsync(FakeSession session)
    {
        session.Sequence = 0;
        await session.GreetAsync("mysql_native_password");
        await session.ReceiveResponseAsync();
        await session.OkAsync();
    }

    private static async Task ColumnsAsync(FakeSession session)
    {
        await session.SendAsync([1]);
        await session.SendAsync(Column);
    }
}
