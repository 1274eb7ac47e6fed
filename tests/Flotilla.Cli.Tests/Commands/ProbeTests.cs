using System.Globalization;
using Flotilla.Cli.Tests.Support;
using Flotilla.MySql;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Cli.Tests.Commands;

/// <summary><c>flotilla cluster probe</c> on a real server.</summary>
[Trait("tier", "full")]
public sealed class ProbeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private DatabaseServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await DatabaseServer.StartAsync(DatabaseKind.MariaDb);
        await SqlAsync("GRANT ALL ON shop.* TO app@'%' IDENTIFIED BY 'a word'");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "password"), "a word\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task RowsAreWrittenForAsLongAsWasSaidAndReadBack()
    {
        var result = (await ProbeAsync("--for", "1s", "--table", "shop.probe", "--rate", "50", "--writers", "2", "--json")).Json;
        Assert.InRange(result.GetProperty("acknowledged").GetInt64(), 20, 200);
        Assert.Equal(0, result.GetProperty("lost").GetInt64());
        Assert.Equal(0, result.GetProperty("outages").GetArrayLength());
        var there = await ScalarAsync("SELECT COUNT(*) FROM shop.probe");
        Assert.Equal(result.GetProperty("acknowledged").GetInt64() + result.GetProperty("unknownWritten").GetInt64(), long.Parse(there, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task AnOutageIsALineAndALostRowEndsItWithOne()
    {
        var probing = ProbeAsync("--for", "3s", "--table", "shop.probe");
        await Deadline.UntilAsync(async () => await ScalarAsync("SELECT COUNT(*) >= 10 FROM shop.probe") == "1", "rows are written");
        await SqlAsync("SET GLOBAL read_only = 1; DELETE FROM shop.probe WHERE number = 5; DO SLEEP(0.3); SET GLOBAL read_only = 0");
        var result = await probing;
        Assert.Equal((int)ExitCode.Failed, result.Code);
        Assert.Contains("no write for ", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 write failed", result.Output, StringComparison.Ordinal);
        Assert.Contains(", lost 1,", result.Output, StringComparison.Ordinal);
        Assert.Contains(" number 5", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:99999")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    public async Task WhatIsNoAddressIsRefused(string address)
    {
        var result = await Run.FlotillaAsync("cluster", "probe", "--servers", address, "--user", "app");
        Assert.Equal((int)ExitCode.Usage, result.Code);
    }

    private Task<CliResult> ProbeAsync(params string[] words) => Run.FlotillaAsync(
        ["cluster", "probe", "--servers", string.Create(CultureInfo.InvariantCulture, $"{_server.Host}:{_server.Port}"), "--user", "app", "--password-file", Path.Combine(_folder.Path, "password"), .. words]);

    private async Task SqlAsync(string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = _server.SocketPath, MultiStatements = true });
        await session.ExecuteAsync(sql);
    }

    private async Task<string> ScalarAsync(string sql)
    {
        try
        {
            await using var session = await MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = _server.SocketPath });
            return await session.QueryScalarAsync(sql) ?? "";
        }
        catch (MySqlServerException refused) when (refused.Number is 1049 or 1146)
        {
            return "";
        }
    }
}
