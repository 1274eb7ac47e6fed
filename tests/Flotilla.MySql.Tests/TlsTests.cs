using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

/// <summary>TLS with MariaDB and with a server that cheats.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task EachModeAsksForWhatItSays()
    {
        using var certificates = new Certificates();
        using var others = new Certificates();
        await using var server = await DatabaseServer.StartAsync(
            DatabaseKind.MariaDb, "--ssl-ca=" + certificates.AuthorityFile, "--ssl-cert=" + certificates.ServerFile, "--ssl-key=" + certificates.ServerKeyFile);
        var options = Servers.Patient with { Host = server.Host, Port = server.Port };
        Assert.Equal("", await CipherAsync(options));
        Assert.NotEqual("", await CipherAsync(options with { Tls = MySqlTlsMode.Required }));
        Assert.NotEqual("", await CipherAsync(options with { Tls = MySqlTlsMode.Required, Compress = true }));
        var own = options with { TlsCaFile = certificates.AuthorityFile };
        Assert.NotEqual("", await CipherAsync(own with { Tls = MySqlTlsMode.VerifyCa }));
        Assert.NotEqual("", await CipherAsync(own with { Tls = MySqlTlsMode.VerifyFull }));
        Assert.NotEqual("", await CipherAsync(own with { Tls = MySqlTlsMode.VerifyFull, TlsServerName = "db.example" }));
        Assert.NotEqual("", await CipherAsync(own with { Tls = MySqlTlsMode.VerifyCa, TlsServerName = "other.example" }));
        await RefusedAsync(own with { Tls = MySqlTlsMode.VerifyFull, TlsServerName = "other.example" }, "is not for other.example");
        await RefusedAsync(options with { Tls = MySqlTlsMode.VerifyCa, TlsCaFile = others.AuthorityFile }, "signed the server's certificate");
        await RefusedAsync(options with { Tls = MySqlTlsMode.VerifyCa }, "no trusted authority");
        await RefusedAsync(own with { Tls = MySqlTlsMode.VerifyCa, TlsCaFile = "/nowhere.pem" }, "/nowhere.pem");

        await using (var root = await MySqlConnection.OpenAsync(options))
            await root.ExecuteAsync("CREATE USER strict REQUIRE X509");
        await using var connection = await MySqlConnection.OpenAsync(own with
        {
            User = "strict", Tls = MySqlTlsMode.VerifyFull, TlsCertificateFile = certificates.ClientFile, TlsKeyFile = certificates.ClientKeyFile,
        });
        // Killing works over TLS too.
        using var cancel = new CancellationTokenSource();
        var query = connection.ExecuteAsync("SELECT SLEEP(1000)", cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
        Assert.Equal("1", await connection.QueryScalarAsync("SELECT 1"));
        var denied = await Assert.ThrowsAsync<MySqlServerException>(async () => await MySqlConnection.OpenAsync(own with { User = "strict", Tls = MySqlTlsMode.VerifyFull }));
        Assert.Equal(1045, denied.Number);
    }

    [Fact]
    public async Task AServerWithoutTlsIsRefusedWhereTlsIsWanted()
    {
        await using var server = new FakeServer(session => session.GreetAsync("mysql_native_password"));
        var error = await Assert.ThrowsAsync<MySqlConnectException>(async () => await MySqlConnection.OpenAsync(server.Options with { Tls = MySqlTlsMode.Required }));
        Assert.Contains("offers no TLS", error.Message);
    }

    [Fact]
    public async Task PlainBytesBeforeEncryptionAreRefused()
    {
        await using var server = new FakeServer(async session =>
        {
            var hello = FakeSession.Hello("mysql_native_password", (Protocol.CapabilityFlags)0xffffffff, "8.4.0");
            await session.SendRawAsync([(byte)hello.Length, 0, 0, 0, .. hello, 7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
        });
        var error = await Assert.ThrowsAsync<MySqlProtocolException>(async () => await MySqlConnection.OpenAsync(server.Options with { Tls = MySqlTlsMode.Required }));
        Assert.Contains("before encryption", error.Message);
    }

    private static async Task<string?> CipherAsync(MySqlOptions options)
    {
        await using var connection = await MySqlConnection.OpenAsync(options);
        return (await connection.QueryTableAsync("SHOW STATUS LIKE 'Ssl_cipher'")).Rows[0][1];
    }

    private static async Task RefusedAsync(MySqlOptions options, string words)
    {
        var error = await Assert.ThrowsAsync<MySqlConnectException>(async () => await MySqlConnection.OpenAsync(options));
        Assert.Contains(words, error.Message);
    }
}
