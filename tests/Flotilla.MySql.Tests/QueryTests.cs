using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

public sealed class QueryTests(Servers servers)
{
    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task ASelectReturnsItsRows(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        await using var result = await connection.QueryAsync("SELECT 1 AS one, 'two' AS two, NULL AS nothing UNION ALL SELECT 2, 'drei', 3");
        Assert.Equal(["one", "two", "nothing"], result.Columns.Select(column => column.Name));
        Assert.True(await result.ReadAsync());
        Assert.Equal(1, result.GetInt64(0));
        Assert.Equal("two", result.GetString(1));
        Assert.True(result.IsNull(2));
        Assert.Null(result.GetText(2));
        Assert.True(await result.ReadAsync());
        Assert.Equal(2, result.GetInt64(0));
        Assert.Equal("drei"u8, result.GetBytes(1));
        Assert.Equal(3, result.GetInt64(2));
        Assert.False(await result.ReadAsync());
        Assert.False(await result.NextResultAsync());
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task TheServersErrorsCarryNumberStateAndMessageAndLeaveTheConnectionUsable(DatabaseKind kind)
    {
        await using var connection = await servers.OpenAsync(kind);
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await connection.QueryAsync("SELECT * FROM nowhere.nothing"));
        Assert.Equal((1146, "42S02"), (error.Number, error.SqlState));
        Assert.Contains("nowhere.nothing", error.ServerMessage);
        Assert.Equal("7", await connection.QueryScalarAsync("SELECT 7"));
    }

    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task AWrongPasswordIsRefusedByTheServer(DatabaseKind kind)
    {
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await servers.OpenAsync(kind, options => options with { Password = "wrong" }));
        Assert.Equal(1045, error.Number);
    }
}
