using System.Text;
using Flotilla.MySql.Protocol;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

public sealed class SessionTests(Servers servers)
{
    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task SeveralStatementsGiveSeveralResults(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind, options => options with { MultiStatements = true });
        await using (var result = await connection.QueryAsync("SELECT 1; DO 0; SELECT 2, 3 UNION ALL SELECT 4, 5"))
        {
            Assert.True(await result.ReadAsync());
            Assert.Equal(1, result.GetInt64(0));
            Assert.True(await result.NextResultAsync());
            Assert.Equal(0, result.ColumnCount);
            Assert.False(await result.ReadAsync());
            Assert.True(await result.NextResultAsync());
            Assert.Equal(2, result.ColumnCount);
            Assert.True(await result.ReadAsync());
        }

        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await connection.ExecuteAsync("SELECT 1; SELECT nothing; SELECT 3"));
        Assert.Equal(1054, error.Number);
        Assert.Equal("9", await connection.QueryScalarAsync("SELECT 9"));
    }

    [Fact]
    public async Task SeveralStatementsAreRefusedUnlessAllowed()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await connection.ExecuteAsync("SELECT 1; SELECT 2"));
        Assert.Equal(1064, error.Number);
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task ProceduresReturnTheirResultsAndOutParameters(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await connection.ExecuteAsync("CREATE DATABASE IF NOT EXISTS procs");
        await connection.UseAsync("procs");
        await connection.ExecuteAsync("DROP PROCEDURE IF EXISTS p");
        await connection.ExecuteAsync("CREATE PROCEDURE p(OUT o INT) BEGIN SELECT 1; SELECT 2; SET o = 42; END");
        await using var statement = await connection.PrepareAsync("CALL p(?)");
        await using var result = await statement.QueryAsync([MySqlValue.Null]);
        Assert.True(await result.ReadAsync());
        Assert.Equal(1, result.GetInt64(0));
        Assert.True(await result.NextResultAsync());
        Assert.True(await result.ReadAsync());
        Assert.Equal(2, result.GetInt64(0));
        Assert.True(await result.NextResultAsync());
        Assert.True(await result.ReadAsync());
        Assert.Equal(42, result.GetInt64(0));
        Assert.False(await result.ReadAsync());
        Assert.True(result.IsOutParameters);
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task StatementsTellWhatTheyDid(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await connection.ExecuteAsync("CREATE DATABASE IF NOT EXISTS does");
        await connection.UseAsync("does");
        await connection.ExecuteAsync("CREATE TEMPORARY TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)");
        var insert = await connection.ExecuteAsync("INSERT INTO t (v) VALUES (1), (1), (2)");
        Assert.Equal((3UL, 1UL), (insert.AffectedRows, insert.LastInsertId));
        Assert.StartsWith("Records: 3", insert.Info);
        Assert.Equal(2UL, (await connection.ExecuteAsync("UPDATE t SET v = 2")).AffectedRows);
        await using var counting = await servers.OpenAsync(kind, options => options with { FoundRows = true });
        await counting.ExecuteAsync("CREATE TEMPORARY TABLE does.t AS SELECT 2 AS v UNION ALL SELECT 2");
        Assert.Equal(2UL, (await counting.ExecuteAsync("UPDATE does.t SET v = 2")).AffectedRows);
        await connection.ExecuteAsync("BEGIN");
        Assert.True(connection.IsInTransaction);
        await connection.ExecuteAsync("COMMIT");
        Assert.False(connection.IsInTransaction);
    }

    [Fact]
    public async Task TheServerTellsOfChangesOfTheSession()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
        await connection.ExecuteAsync("SET SESSION session_track_schema = 1, session_track_system_variables = 'autocommit,sql_mode', session_track_transaction_info = 'CHARACTERISTICS'");
        await connection.ExecuteAsync("USE mysql");
        await connection.ExecuteAsync("SET autocommit = 0, sql_mode = 'ANSI'");
        await connection.ExecuteAsync("START TRANSACTION READ ONLY");
        Assert.Equal("mysql", connection.Session.Schema);
        Assert.Equal("OFF", connection.Session.Variables["autocommit"]);
        Assert.Contains("ANSI", connection.Session.Variables["sql_mode"]);
        Assert.StartsWith("START TRANSACTION READ ONLY", connection.Session.TransactionCharacteristics);
        Assert.StartsWith("T", connection.Session.TransactionState);
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task CommandsThatAreNoStatementsWork(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await connection.PingAsync();
        Assert.Contains("Uptime", await connection.StatisticsAsync());
        await connection.UseAsync("mysql");
        Assert.Equal("mysql", await connection.QueryScalarAsync("SELECT DATABASE()"));
        await connection.ExecuteAsync("SET @x = 1");
        await connection.ResetAsync();
        Assert.Null(await connection.QueryScalarAsync("SELECT @x"));
        await connection.ExecuteAsync("GRANT USAGE ON *.* TO 'changed'@'%' IDENTIFIED BY 'pass'");
        await connection.ChangeUserAsync("changed", "pass", "information_schema");
        Assert.Equal("changed information_schema", await connection.QueryScalarAsync("SELECT CONCAT(SUBSTRING_INDEX(USER(), '@', 1), ' ', DATABASE())"));
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await connection.ChangeUserAsync("changed", "wrong"));
        Assert.Equal(1045, error.Number);
        Assert.False(connection.IsOpen);
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task OneConnectionDoesOneThingAtATime(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await using (await connection.QueryAsync("SELECT 1 UNION ALL SELECT 2"))
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await connection.QueryAsync("SELECT 3"));
        Assert.Equal("4", await connection.QueryScalarAsync("SELECT 4"));
        var statement = await connection.PrepareAsync("SELECT ?");
        await using (await connection.QueryAsync("SELECT 1 UNION ALL SELECT 2"))
            await statement.DisposeAsync();
        Assert.Equal("5", await connection.QueryScalarAsync("SELECT 5"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await statement.QueryAsync([1]));
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb, false)]
    [InlineData(DatabaseKind.MariaDb, true)]
    [InlineData(DatabaseKind.MySql56, false)]
    [InlineData(DatabaseKind.MySql56, true)]
    public async Task PacketsBeyondSixteenMegabytesGoBothWays(DatabaseKind kind, bool compress)
    {
        await using var connection = await servers.OpenAsync(kind, options => options with { Compress = compress });
        Assert.Equal(compress, connection.Capabilities.HasFlag(CapabilityFlags.Compress));
        await connection.ExecuteAsync("SELECT 1");
        // The limits of one packet are where splitting begins: command byte and header of the row count too.
        foreach (var length in new[] { 0xffffff - 14, 0xffffff, 17_000_000 })
        {
            var text = new string('x', length - 3) + "end";
            await using var result = await connection.QueryAsync($"SELECT '{text}'");
            Assert.True(await result.ReadAsync());
            Assert.Equal(length, result.GetBytes(0).Length);
            Assert.Equal("end"u8, result.GetBytes(0)[^3..]);
            Assert.False(await result.ReadAsync());
        }

        Assert.Equal("1", await connection.QueryScalarAsync("SELECT 1"));
    }

    [Fact]
    public async Task ExactlySplitPacketsAreFollowedByAnEmptyOne()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
        // "SELECT LENGTH('...')" with its command byte fills one packet to the last byte.
        var text = new string('x', 0xffffff - 1 - "SELECT LENGTH('')".Length);
        Assert.Equal(text.Length.ToString(), await connection.QueryScalarAsync($"SELECT LENGTH('{text}')"));
        // A row of one value: 4 bytes of length before it.
        await using var result = await connection.QueryAsync($"SELECT REPEAT('y', {0xffffff - 4})");
        Assert.True(await result.ReadAsync());
        Assert.Equal(0xffffff - 4, result.GetBytes(0).Length);
        Assert.False(await result.ReadAsync());
    }

    [Fact]
    public async Task APacketLargerThanAllowedEndsTheConnection()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb, options => options with { MaxPacketBytes = 100_000 });
        var error = await Assert.ThrowsAsync<MySqlProtocolException>(async () => await connection.ExecuteAsync("SELECT REPEAT('x', 100001)"));
        Assert.Contains("MaxPacketBytes", error.Message);
        Assert.False(connection.IsOpen);
        await Assert.ThrowsAsync<MySqlConnectionLostException>(async () => await connection.PingAsync());
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task LocalInfileSendsWhatTheHandlerGives(DatabaseKind kind)
    {
        var content = string.Concat(Enumerable.Range(1, 20_000).Select(line => $"{line}\tline {line}\n"));
        string? asked = null;
        await using var connection = await servers.OpenAsync(kind, options => options with
        {
            LocalInfile = (name, _) =>
            {
                asked = name;
                return new ValueTask<Stream?>(name is "refused" ? null : new MemoryStream(Encoding.UTF8.GetBytes(content)));
            },
        });
        await connection.ExecuteAsync("CREATE DATABASE IF NOT EXISTS loads");
        await connection.UseAsync("loads");
        await connection.ExecuteAsync("CREATE TEMPORARY TABLE l (id INT, t VARCHAR(20))");
        Assert.Equal(20_000UL, (await connection.ExecuteAsync("LOAD DATA LOCAL INFILE 'any name' INTO TABLE l")).AffectedRows);
        Assert.Equal("any name", asked);
        await Assert.ThrowsAsync<MySqlException>(async () => await connection.ExecuteAsync("LOAD DATA LOCAL INFILE 'refused' INTO TABLE l"));
        Assert.Equal("20000", await connection.QueryScalarAsync("SELECT COUNT(*) FROM l"));
        await using var without = await servers.OpenAsync(kind);
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await without.ExecuteAsync("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE mysql.user"));
        Assert.Contains(error.Number, new[] { 1148, 4166 });
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task ALostConnectionIsToldFromAnError(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await using var killer = await servers.OpenAsync(kind);
        var query = connection.ExecuteAsync("SELECT SLEEP(1000)").AsTask();
        await Deadline.UntilAsync(
            async () => await killer.QueryScalarAsync($"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {connection.ConnectionId} AND info LIKE '%SLEEP%'") is "1",
            "the query runs");
        await killer.ExecuteAsync($"KILL {connection.ConnectionId}");
        await Assert.ThrowsAnyAsync<MySqlException>(() => query);
        await Assert.ThrowsAnyAsync<MySqlException>(async () => await connection.PingAsync());
        await Assert.ThrowsAsync<MySqlConnectionLostException>(async () => await connection.PingAsync());
    }

    [Fact]
    public async Task AttributesAreSent()
    {
        await using var server = await DatabaseServer.StartAsync(DatabaseKind.MariaDb, "--performance-schema=ON");
        await using var connection = await MySqlConnection.OpenAsync(
            new MySqlOptions { Host = server.Host, Port = server.Port, Attributes = [new("program", "tests of Flotilla")] });
        Assert.Equal(
            "tests of Flotilla",
            await connection.QueryScalarAsync("SELECT attr_value FROM performance_schema.session_connect_attrs WHERE processlist_id = CONNECTION_ID() AND attr_name = 'program'"));
    }
}
