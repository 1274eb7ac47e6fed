using System.Security.Cryptography;
using System.Text;
using Flotilla.MySql.Auth;

namespace Flotilla.MySql.Tests;

/// <summary>Methods that the servers at hand do not have, against a server made of the protocol's documentation.</summary>
public sealed class FakeAuthenticationTests
{
    private static readonly byte[] Secret = "secret"u8.ToArray();

    /// <summary>Computed apart from this code, by the formulas of the protocol's documentation.</summary>
    [Fact]
    public void AnswersToAChallengeAreTheDocumentedOnes()
    {
        Assert.Equal("66200523 8fa18cf1abe8388b2b0e6bc4f9aa933cdccc78b2d60fb8961a3d39eb".Replace(" ", ""), Convert.ToHexStringLower(CachingSha2Password.Scramble(Secret, FakeSession.Nonce)));
        Assert.Equal("5066065730cf2b8440b092ea31da57caa8591226", Convert.ToHexStringLower(new NativePassword(new AuthContext { Password = Secret, Nonce = FakeSession.Nonce }).Begin()));
        Assert.Empty(CachingSha2Password.Scramble([], FakeSession.Nonce));
    }

    [Fact]
    public async Task CachingSha2SucceedsFastWhereTheServerKnowsTheUser()
    {
        await using var server = new FakeServer(async session =>
        {
            await session.GreetAsync("caching_sha2_password");
            var response = await session.ReceiveResponseAsync();
            Assert.Equal(("fake", "caching_sha2_password"), (response.User, response.AuthMethod));
            if (await RefuseUnlessScrambledAsync(session, response.Answer))
                return;
            await session.SendAsync([1, 3]);
            await session.OkAsync();
        });
        await using var connection = await MySqlConnection.OpenAsync(server.Options);
        Assert.Equal("8.4.0", connection.ServerVersion);
        Assert.False(connection.IsMariaDb);
        await Assert.ThrowsAsync<MySqlServerException>(async () => await MySqlConnection.OpenAsync(server.Options with { Password = "wrong" }));
    }

    [Fact]
    public async Task CachingSha2GivesThePasswordOverAUnixSocket()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-fake-").FullName;
        try
        {
            await using var server = new FakeServer(FullInTheClearAsync, Path.Combine(folder, "sock"));
            await using var connection = await MySqlConnection.OpenAsync(server.Options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task CachingSha2AndSha256AndClearTextGiveThePasswordOverTls()
    {
        using var certificates = new Certificates();
        foreach (var method in new[] { "caching_sha2_password", "sha256_password", "mysql_clear_password" })
        {
            await using var server = new FakeServer(async session =>
            {
                await session.GreetAsync("caching_sha2_password", offersTls: true);
                await session.EncryptAsync(certificates.Server);
                await session.ReceiveResponseAsync();
                await session.SwitchAsync(method, FakeSession.Nonce);
                var answer = await session.ReceiveAsync();
                if (method == "caching_sha2_password")
                {
                    await session.SendAsync([1, 4]);
                    answer = await session.ReceiveAsync();
                }

                await VerdictAsync(session, answer.AsSpan().SequenceEqual("secret\0"u8));
            });
            await using var connection = await MySqlConnection.OpenAsync(server.Options with { Tls = MySqlTlsMode.VerifyFull, TlsCaFile = certificates.AuthorityFile });
        }
    }

    [Theory]
    [InlineData("caching_sha2_password", true)]
    [InlineData("caching_sha2_password", false)]
    [InlineData("sha256_password", true)]
    [InlineData("sha256_password", false)]
    public async Task ThePasswordIsEncryptedToTheServersKeyOverAPlainConnection(string method, bool keyIsKnown)
    {
        using var rsa = RSA.Create(2048);
        await using var server = new FakeServer(session => EncryptedAsync(session, method, rsa));
        var keyFile = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(keyFile, rsa.ExportSubjectPublicKeyInfoPem());
            var options = keyIsKnown ? server.Options with { ServerPublicKeyFile = keyFile } : server.Options with { AllowPublicKeyRetrieval = true };
            await using var connection = await MySqlConnection.OpenAsync(options);
        }
        finally
        {
            File.Delete(keyFile);
        }

        var refusal = await Assert.ThrowsAsync<MySqlConnectException>(async () => await MySqlConnection.OpenAsync(server.Options));
        Assert.Contains("AllowPublicKeyRetrieval", refusal.Message);
    }

    [Fact]
    public async Task ThePasswordIsNotGivenInTheClearOverAPlainConnection()
    {
        await using var server = new FakeServer(async session =>
        {
            await session.GreetAsync("mysql_native_password");
            await session.ReceiveResponseAsync();
            await session.SwitchAsync("mysql_clear_password", FakeSession.Nonce);
            await session.ReceiveAsync();
        });
        var refusal = await Assert.ThrowsAsync<MySqlConnectException>(async () => await MySqlConnection.OpenAsync(server.Options));
        Assert.Contains("only sent over TLS", refusal.Message);
    }

    [Theory]
    [InlineData("mysql_old_password")]
    [InlineData("auth_gssapi_client")]
    public async Task MethodsWeDoNotHaveAreNamed(string method)
    {
        await using var server = new FakeServer(async session =>
        {
            await session.GreetAsync(method);
            await session.ReceiveResponseAsync();
            if (method == "mysql_old_password")
                await session.SendAsync([0xfe]);
            else
                await session.SwitchAsync(method, FakeSession.Nonce);
            await session.ReceiveAsync();
        });
        var refusal = await Assert.ThrowsAsync<MySqlConnectException>(async () => await MySqlConnection.OpenAsync(server.Options));
        Assert.Contains(method, refusal.Message);
        Assert.Contains("not supported", refusal.Message);
    }

    [Fact]
    public async Task MethodsThatWereNotAllowedAreNotUsed()
    {
        await using var server = new FakeServer(async session =>
        {
            await session.GreetAsync("mysql_native_password");
            Assert.Empty((await session.ReceiveResponseAsync()).Answer);
            await session.SwitchAsync("mysql_native_password", FakeSession.Nonce);
            await session.ReceiveAsync();
        });
        var refusal = await Assert.ThrowsAsync<MySqlConnectException>(
            async () => await MySqlConnection.OpenAsync(server.Options with { AuthMethods = ["client_ed25519"] }));
        Assert.Contains("not among AuthMethods", refusal.Message);
    }

    private static async Task FullInTheClearAsync(FakeSession session)
    {
        await session.GreetAsync("caching_sha2_password");
        var response = await session.ReceiveResponseAsync();
        if (await RefuseUnlessScrambledAsync(session, response.Answer))
            return;
        await session.SendAsync([1, 4]);
        await VerdictAsync(session, (await session.ReceiveAsync()).AsSpan().SequenceEqual("secret\0"u8));
    }

    private static async Task EncryptedAsync(FakeSession session, string method, RSA rsa)
    {
        await session.GreetAsync("caching_sha2_password");
        await session.ReceiveResponseAsync();
        await session.SwitchAsync(method, FakeSession.Nonce);
        var answer = await session.ReceiveAsync();
        byte keyRequest = 1;
        if (method == "caching_sha2_password")
        {
            keyRequest = 2;
            await session.SendAsync([1, 4]);
            answer = await session.ReceiveAsync();
        }

        if (answer.AsSpan().SequenceEqual([keyRequest]))
        {
            await session.SendAsync([1, .. Encoding.UTF8.GetBytes(rsa.ExportSubjectPublicKeyInfoPem())]);
            answer = await session.ReceiveAsync();
        }

        var clear = rsa.Decrypt(answer, RSAEncryptionPadding.OaepSHA1);
        for (var i = 0; i < clear.Length; i++)
            clear[i] ^= FakeSession.Nonce[i % 20];
        await VerdictAsync(session, clear.AsSpan().SequenceEqual("secret\0"u8));
    }

    /// <summary>The server's side: from what it stores, SHA256(SHA256(password)), it undoes the mask and hashes once more.</summary>
    private static async Task<bool> RefuseUnlessScrambledAsync(FakeSession session, byte[] answer)
    {
        var stored = SHA256.HashData(SHA256.HashData(Secret));
        var mask = SHA256.HashData([.. stored, .. FakeSession.Nonce]);
        var once = answer.Select((value, index) => (byte)(value ^ mask[index])).ToArray();
        if (answer.Length == 32 && SHA256.HashData(once).AsSpan().SequenceEqual(stored))
            return false;
        await VerdictAsync(session, false);
        return true;
    }

    private static Task VerdictAsync(FakeSession session, bool isRight)
        => isRight ? session.OkAsync() : session.ErrorAsync(1045, "28000", "Access denied");
}
