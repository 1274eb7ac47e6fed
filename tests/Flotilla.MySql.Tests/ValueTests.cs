using System.Globalization;
using Flotilla.MySql.Protocol;
using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

/// <summary>Every column type, both ways, in text and in binary.</summary>
public sealed class ValueTests(Servers servers)
{
    private const string Columns =
        "a TINYINT, b TINYINT UNSIGNED, c SMALLINT, d SMALLINT UNSIGNED, e MEDIUMINT, f MEDIUMINT UNSIGNED, g INT, h INT UNSIGNED, i BIGINT, "
        + "j BIGINT UNSIGNED, k FLOAT, l DOUBLE, m DECIMAL(65,30), n BIT(20), o YEAR, p DATE, q DATETIME(6), r TIMESTAMP(3) NULL, s TIME(6), "
        + "t CHAR(10), u VARCHAR(300), v BINARY(4), w VARBINARY(10), x TINYTEXT, y LONGTEXT, z BLOB, aa ENUM('x','y'), bb SET('p','q','r'), cc POINT, "
        + "dd DATETIME, ee TIME";

    private static readonly string[] Rows =
    [
        "-128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, -9223372036854775808, 18446744073709551615, -1.5, 2.25e100, "
        + "-12345678901234567890123456789012345.012345678901234567890123456789, b'10000000000000000001', 2155, '9999-12-31', '2026-02-28 23:59:59.123456', "
        + "'2026-01-01 00:00:01.5', '-838:59:58.999999', 'zehn', REPEAT('ä', 300), x'00ff0001', x'00', 'tiny', REPEAT('long', 20000), x'00010203', 'y', 'p,r', "
        + "POINT(1, 2), '2026-12-31 01:02:03', '838:59:59'",
        "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'0', 0, '0000-00-00', '0000-00-00 00:00:00', '1970-01-01 00:00:01', '00:00:00', '', '', '', '', '', '', '', 'x', '', "
        + "POINT(0, 0), '2026-00-00 00:00:00', '-00:00:01'",
        "NULL" + string.Concat(Enumerable.Repeat(", NULL", 30)),
    ];

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task TextAndBinaryRowsHoldTheSameValues(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await connection.ExecuteAsync("SET SESSION sql_mode = '', time_zone = '+00:00'");
        await connection.ExecuteAsync("CREATE DATABASE IF NOT EXISTS types CHARACTER SET utf8mb4");
        await connection.UseAsync("types");
        await connection.ExecuteAsync($"CREATE TEMPORARY TABLE types ({Columns})");
        foreach (var row in Rows)
            await connection.ExecuteAsync($"INSERT INTO types VALUES ({row})");
        var text = await connection.QueryTableAsync("SELECT * FROM types");
        await using var statement = await connection.PrepareAsync("SELECT * FROM types");
        await using var binary = await statement.QueryAsync([]);
        foreach (var row in text.Rows)
        {
            Assert.True(await binary.ReadAsync());
            for (var i = 0; i < binary.ColumnCount; i++)
                Assert.Equal((binary.Columns[i].Name, row[i]), (binary.Columns[i].Name, binary.GetText(i)));
        }

        Assert.False(await binary.ReadAsync());
        Assert.Equal("-128,255,-32768,65535,-8388608,16777215,-2147483648,4294967295,-9223372036854775808,18446744073709551615", string.Join(',', text.Rows[0].Values.Take(10)));
        Assert.Equal("-838:59:58.999999", text.Rows[0]["s"]);
        Assert.Equal("2026-01-01 00:00:01.500", text.Rows[0]["r"]);
        Assert.All(text.Rows[2].Values, Assert.Null);
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb, true)]
    [InlineData(DatabaseKind.MariaDb, false)]
    [InlineData(DatabaseKind.MySql56, true)]
    [InlineData(DatabaseKind.MySql56, false)]
    public async Task TypedGettersReadWhatTheColumnsHold(DatabaseKind kind, bool isBinary)
    {
        await using var connection = await servers.OpenAsync(kind);
        await connection.ExecuteAsync("SET SESSION sql_mode = '', time_zone = '+00:00'");
        await connection.ExecuteAsync("CREATE DATABASE IF NOT EXISTS types CHARACTER SET utf8mb4");
        await connection.UseAsync("types");
        await connection.ExecuteAsync($"CREATE TEMPORARY TABLE types ({Columns})");
        await connection.ExecuteAsync($"INSERT INTO types VALUES ({Rows[0]})");
        await connection.ExecuteAsync($"INSERT INTO types VALUES ({Rows[1]})");
        await using var statement = isBinary ? await connection.PrepareAsync("SELECT * FROM types") : null;
        await using var result = statement is null ? await connection.QueryAsync("SELECT * FROM types") : await statement.QueryAsync([]);
        Assert.True(await result.ReadAsync());
        AssertLargeValues(result);
        Assert.True(await result.ReadAsync());
        Assert.Equal(0, result.GetInt64(result.IndexOf("a")));
        Assert.False(result.GetBoolean(result.IndexOf("n")));
        Assert.Equal(0, result.GetInt64(result.IndexOf("o")));
        Assert.Equal(default, result.GetMySqlDateTime(result.IndexOf("p")));
        Assert.Throws<InvalidCastException>(() => result.GetDateTime(result.IndexOf("p")));
        Assert.Equal(new MySqlDateTime(2026, 0, 0), result.GetMySqlDateTime(result.IndexOf("dd")));
        Assert.Equal(TimeSpan.FromSeconds(-1), result.GetTimeSpan(result.IndexOf("ee")));
        Assert.Equal("", result.GetString(result.IndexOf("u")));
    }

    private static void AssertLargeValues(MySqlResult result)
    {
        Assert.Equal(-128, result.GetInt32(result.IndexOf("a")));
        Assert.Equal(255, result.GetInt32(result.IndexOf("b")));
        Assert.Equal(-32768, result.GetInt64(result.IndexOf("c")));
        Assert.Equal(65535, result.GetInt64(result.IndexOf("d")));
        Assert.Equal(-8388608, result.GetInt64(result.IndexOf("e")));
        Assert.Equal(16777215UL, result.GetUInt64(result.IndexOf("f")));
        Assert.Equal(int.MinValue, result.GetInt32(result.IndexOf("g")));
        Assert.Equal(uint.MaxValue, result.GetInt64(result.IndexOf("h")));
        Assert.Throws<InvalidCastException>(() => result.GetInt32(result.IndexOf("h")));
        Assert.Equal(long.MinValue, result.GetInt64(result.IndexOf("i")));
        Assert.Throws<InvalidCastException>(() => result.GetUInt64(result.IndexOf("i")));
        Assert.Equal(ulong.MaxValue, result.GetUInt64(result.IndexOf("j")));
        Assert.Throws<InvalidCastException>(() => result.GetInt64(result.IndexOf("j")));
        Assert.Equal(-1.5, result.GetDouble(result.IndexOf("k")));
        Assert.Equal(-1.5f, result.GetSingle(result.IndexOf("k")));
        Assert.Equal(2.25e100, result.GetDouble(result.IndexOf("l")));
        Assert.Throws<InvalidCastException>(() => result.GetDecimal(result.IndexOf("m")));
        Assert.Equal("-12345678901234567890123456789012345.012345678901234567890123456789", result.GetString(result.IndexOf("m")));
        Assert.Equal(0x80001, result.GetInt64(result.IndexOf("n")));
        Assert.True(result.GetBoolean(result.IndexOf("n")));
        Assert.Equal(2155, result.GetInt32(result.IndexOf("o")));
        Assert.Equal(new DateTime(9999, 12, 31), result.GetDateTime(result.IndexOf("p")));
        Assert.Equal(new DateTime(2026, 2, 28, 23, 59, 59).AddMicroseconds(123456), result.GetDateTime(result.IndexOf("q")));
        Assert.Equal(new DateTime(2026, 1, 1, 0, 0, 1, 500), result.GetDateTime(result.IndexOf("r")));
        Assert.Equal(-new TimeSpan(34, 22, 59, 58).Add(TimeSpan.FromMicroseconds(999999)), result.GetTimeSpan(result.IndexOf("s")));
        Assert.Equal(new string('ä', 300), result.GetString(result.IndexOf("u")));
        Assert.Equal([0, 0xff, 0, 1], result.GetBytes(result.IndexOf("v")).ToArray());
        Assert.Equal(80000, result.GetBytes(result.IndexOf("y")).Length);
        Assert.Equal("p,r", result.GetString(result.IndexOf("bb")));
        Assert.Equal(ColumnType.Geometry, result.Columns[result.IndexOf("cc")].Type);
        Assert.Equal(25, result.GetBytes(result.IndexOf("cc")).Length);
        Assert.Equal(new TimeSpan(34, 22, 59, 59), result.GetTimeSpan(result.IndexOf("ee")));
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task ParametersOfAllKindsArriveAsTheyAre(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await connection.ExecuteAsync("CREATE DATABASE IF NOT EXISTS types CHARACTER SET utf8mb4");
        await connection.UseAsync("types");
        await connection.ExecuteAsync(
            "CREATE TEMPORARY TABLE given (a INT, b BOOL, c BIGINT, d BIGINT UNSIGNED, e FLOAT, f DOUBLE, g DECIMAL(30,10), h VARCHAR(50), i VARBINARY(300), j DATE, k DATETIME(6), l TIME(6), m TEXT)");
        var moment = new DateTime(2026, 11, 21, 5, 6, 7).AddMicroseconds(89);
        var time = -new TimeSpan(20, 1, 2, 3).Add(TimeSpan.FromMicroseconds(4));
        var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        await using (var insert = await connection.PrepareAsync("INSERT INTO given VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"))
        {
            Assert.Equal(13, insert.Parameters.Count);
            MySqlValue[] values =
                [7, true, long.MinValue, ulong.MaxValue, 1.5f, Math.PI, 12345678901234567890.0123456789m, "naïve 'text' \\ 😀", bytes, DateOnly.FromDateTime(moment), moment, time, MySqlValue.Null];
            Assert.Equal(1UL, (await insert.ExecuteAsync(values)).AffectedRows);
            Assert.Throws<ArgumentException>(() => insert.ExecuteAsync(values.AsSpan(1)).AsTask().GetAwaiter().GetResult());
        }

        await using var select = await connection.PrepareAsync("SELECT * FROM given WHERE a = ? AND h = ?");
        await using var result = await select.QueryAsync([7, "naïve 'text' \\ 😀"]);
        Assert.True(await result.ReadAsync());
        Assert.True(result.GetBoolean(1));
        Assert.Equal(long.MinValue, result.GetInt64(2));
        Assert.Equal(ulong.MaxValue, result.GetUInt64(3));
        Assert.Equal(1.5f, result.GetSingle(4));
        Assert.Equal(Math.PI, result.GetDouble(5));
        Assert.Equal(12345678901234567890.0123456789m, result.GetDecimal(6));
        Assert.Equal(bytes, result.GetBytes(8));
        Assert.Equal(moment.Date, result.GetDateTime(9));
        Assert.Equal(moment, result.GetDateTime(10));
        Assert.Equal(time, result.GetTimeSpan(11));
        Assert.True(result.IsNull(12));
        Assert.Throws<InvalidCastException>(() => result.GetString(12));
        Assert.Throws<InvalidCastException>(() => result.GetInt64(7));
        Assert.False(await result.ReadAsync());
        Assert.Throws<InvalidOperationException>(() => result.GetInt64(0));
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task LongDataGoesAheadInPieces(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await using var statement = await connection.PrepareAsync("SELECT LENGTH(?), ?");
        var piece = new byte[100_000];
        for (var times = 0; times < 3; times++)
            await statement.SendLongDataAsync(0, piece);
        await using (var result = await statement.QueryAsync([MySqlValue.Null, 5]))
        {
            Assert.True(await result.ReadAsync());
            Assert.Equal((300_000, 5), (result.GetInt64(0), result.GetInt64(1)));
        }

        await using var again = await statement.QueryAsync(["abc", 6]);
        Assert.True(await again.ReadAsync());
        Assert.Equal(3, again.GetInt64(0));
    }

    [Fact]
    public async Task TypesThatMariaDbHasNoNumberForAreNamed()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
        await using var result = await connection.QueryAsync("SELECT CAST('::1' AS INET6), CAST('123e4567-e89b-12d3-a456-426655440000' AS UUID), 'x'");
        Assert.Equal(["inet6", "uuid", null], result.Columns.Select(column => column.ExtendedType));
        Assert.True(await result.ReadAsync());
        Assert.Equal("123e4567-e89b-12d3-a456-426655440000", result.GetString(1));
    }

    [Fact]
    public void LiteralsAreQuoted()
    {
        Assert.Equal("'it''s \\\\ and \\0'", MySqlText.Literal("it's \\ and \0"));
        Assert.Equal("'a\\b'", MySqlText.Literal("a\\b", noBackslashEscapes: true));
        Assert.Equal("NULL", MySqlText.Literal(null));
        Assert.Equal("`we``ird`", MySqlText.Name("we`ird"));
        Assert.Equal("X'00FF'", MySqlText.Hex([0, 255]));
        Assert.Equal("2026-01-02 03:04:05.000006", new MySqlDateTime(2026, 1, 2, 3, 4, 5, 6).ToString().ToString(CultureInfo.InvariantCulture));
    }
}
