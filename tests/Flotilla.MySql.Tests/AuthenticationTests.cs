using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

/// <summary>Authentication against real servers</summary>
public sealed class AuthenticationTests(Servers servers)
{
    [Theory]
    [InlineData(DatabaseKind.MariaDb)]
    [InlineData(DatabaseKind.MySql56)]
    public async Task NativePasswordsAreAccepted(DatabaseKind kind)
    {
        await using var root = await servers.OpenAsync(kind);
        await root.ExecuteAsync("GRANT SELECT ON mysql.* TO 'native'@'%' IDENTIFIED BY 'geheim ß'");
        await using var connection = await servers.OpenAsync(kind, options => options with { User = "native", Password = "geheim ß", Database = "mysql" });
        Assert.Equal("native@127.0.0.1 mysql", await connection.QueryScalarAsync("SELECT CONCAT(USER(), ' ', DATABASE())"));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("a much longer password than the thirty-two bytes of a key, ßäö, and then some more of it")]
    public async Task Ed25519PasswordsAreAccepted(string password)
    {
        await using var root = await servers.OpenAsync(DatabaseKind.MariaDb);
        await root.ExecuteAsync($"CREATE OR REPLACE USER ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('{password}')");
        for (var times = 0; times < 20; times++)
        {
            await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb, options => options with { User = "ed", Password = password });
            Assert.Equal("ed@%", await connection.QueryScalarAsync("SELECT CURRENT_USER()"));
        }

        var error = await Assert.ThrowsAsync<MySqlServerException>(
            async () => await servers.OpenAsync(DatabaseKind.MariaDb, options => options with { User = "ed", Password = password + "x" }));
        Assert.Equal(1045, error.Number);
    }

    [Fact]
    public async Task TheUnixSocketSaysWhoWeAre()
    {
        var server = await servers.MariaDbAsync();
        await using var root = await servers.OpenAsync(DatabaseKind.MariaDb);
        var name = Environment.UserName;
        await root.ExecuteAsync($"CREATE OR REPLACE USER '{name}'@'localhost' IDENTIFIED VIA mysql_native_password USING '' OR unix_socket");
        await using var connection = await MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = server.SocketPath, User = name, Password = "not it" });
        Assert.Equal($"{name}@localhost", await connection.QueryScalarAsync("SELECT CURRENT_USER()"));
        await root.ExecuteAsync($"CREATE OR REPLACE USER 'someone'@'localhost' IDENTIFIED VIA unix_socket");
        var error = await Assert.ThrowsAsync<MySqlServerException>(
            async () => await MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = server.SocketPath, User = "someone" }));
        Assert.Equal(1698, error.Number);
    }
}
