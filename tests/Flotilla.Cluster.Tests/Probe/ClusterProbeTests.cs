using System.Diagnostics;
using System.Globalization;
using Flotilla.Cluster.Probe;
using Flotilla.MySql;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Cluster.Tests.Probe;

/// <summary>The probe on two real servers that know nothing of each other, so that what must be lost is lost.</summary>
[Trait("tier", "full")]
public sealed class ClusterProbeTests : IAsyncLifetime
{
    private const string Durable = "--innodb-flush-log-at-trx-commit=1";

    private DatabaseServer _one = null!;
    private DatabaseServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await StartAsync();
        _two = await StartAsync();
        await SqlAsync(_two, "SET GLOBAL read_only = 1");
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task WhatTheNextServerHasNotIsLostAndTheOutageIsTimed()
    {
        await using var probe = await ClusterProbe.StartAsync(Options());
        await UntilMoreAsync(probe);
        Assert.Equal([Name(_one)], probe.Status.Servers);
        await SqlAsync(_one, "SET GLOBAL read_only = 1");
        await SqlAsync(_two, "CREATE DATABASE flotilla_probe; CREATE TABLE flotilla_probe.writes (writer BIGINT NOT NULL, number BIGINT NOT NULL, value BIGINT NOT NULL)");
        await Deadline.UntilAsync(() => probe.Status.CurrentGap > TimeSpan.FromMilliseconds(300), "writes are refused");
        Assert.Equal(((string[])[Name(_one), Name(_two)]).Order(StringComparer.Ordinal), probe.Status.Answers.Select(answer => answer.Key).Order(StringComparer.Ordinal));
        var written = probe.Status.Acknowledged;
        await SqlAsync(_two, "SET GLOBAL read_only = 0");
        await UntilMoreAsync(probe);
        var result = await probe.VerifyAsync();
        var outage = Assert.Single(result.Status.Outages, outage => outage.To == Name(_two));
        Assert.Equal(Name(_one), outage.From);
        Assert.InRange(outage.Gap, TimeSpan.FromMilliseconds(300), result.Status.LongestGap);
        Assert.Equal(outage.Gap, outage.FirstSuccess - outage.LastSuccess);
        Assert.True(outage.Failed >= 1);
        Assert.Equal(Name(_two), result.Server);
        Assert.Equal(written, result.Lost);
        Assert.Equal(ProbeResult.NamedMax, result.LostRows.Length);
        Assert.False(result.IsRight);
    }

    [Fact]
    public async Task AServerThatIsKilledAndComesBackHasLostNothing()
    {
        await using var probe = await ClusterProbe.StartAsync(Options() with { Writers = 3 });
        await UntilMoreAsync(probe);
        await _one.KillAsync();
        await Deadline.UntilAsync(() => probe.Status.Answers.Length == 2, "nobody takes writes");
        await _one.StartAgainAsync(Durable);
        await UntilMoreAsync(probe);
        var result = await probe.VerifyAsync();
        Assert.True(result.IsRight, $"{result}");
        Assert.Equal([0, 1, 2], result.Status.Outages.Where(outage => outage.Failed > 0).Select(outage => outage.Writer).Distinct().Order());
        Assert.Equal(result.Status.Acknowledged + result.UnknownWritten, long.Parse(await ScalarAsync(_one, "SELECT COUNT(*) FROM flotilla_probe.writes"), CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task AServerThatDoesNotAnswerHoldsTheWriterUpForItsTimeoutOnly()
    {
        await using var probe = await ClusterProbe.StartAsync(Options());
        await UntilMoreAsync(probe);
        await SqlAsync(_two, "CREATE DATABASE flotilla_probe; CREATE TABLE flotilla_probe.writes (writer BIGINT NOT NULL, number BIGINT NOT NULL, value BIGINT NOT NULL); SET GLOBAL read_only = 0");
        Signal("STOP");
        try
        {
            await Deadline.UntilAsync(() => probe.Status.Outages.Any(outage => outage.To == Name(_two)), "the writer is at the other server");
            Assert.Equal(1, probe.Status.Unknown);
        }
        finally
        {
            Signal("CONT");
        }
    }

    [Fact]
    public async Task RowsThatNobodyAcknowledgedAreSeen()
    {
        await using var probe = await ClusterProbe.StartAsync(Options());
        await UntilMoreAsync(probe);
        await probe.StopAsync();
        var ended = probe.Status;
        await SqlAsync(
            _one,
            """
            INSERT INTO flotilla_probe.writes SELECT * FROM flotilla_probe.writes WHERE number IN (3, 4);
            DELETE FROM flotilla_probe.writes WHERE number = 7;
            INSERT INTO flotilla_probe.writes SELECT writer, -1, value FROM flotilla_probe.writes WHERE number = 8
            """);
        var result = await probe.VerifyAsync();
        Assert.Equal((1, 2, 1), (result.Lost, result.Duplicates, result.Phantoms));
        Assert.Equal(7, Assert.Single(result.LostRows).Number);
        Assert.Equal((ended.Acknowledged, ended.LongestGap, ended.Elapsed), (result.Status.Acknowledged, result.Status.LongestGap, result.Status.Elapsed));
    }

    [Fact]
    public async Task AnAccountThatReadOnlyServersDoNotStopIsRefused()
    {
        await SqlAsync(_one, "GRANT READ_ONLY ADMIN ON *.* TO app@'%'");
        var refused = await Assert.ThrowsAsync<ProbeException>(() => ClusterProbe.StartAsync(Options()));
        Assert.Contains("READ_ONLY ADMIN", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhenNobodyTakesWritesEachServerIsNamedWithItsReason()
    {
        await _one.KillAsync();
        var refused = await Assert.ThrowsAsync<ProbeException>(() => ClusterProbe.StartAsync(Options() with { Patience = TimeSpan.FromSeconds(1) }));
        Assert.Contains($"{Name(_two)}: read-only", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{Name(_one)}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllThatIsWrongWithTheOptionsIsSaid()
    {
        var options = new ProbeOptions { Servers = [new MySqlOptions(), new MySqlOptions()], Table = "a.b.c", Rate = 0, Writers = 101, Timeout = TimeSpan.Zero };
        Assert.Equal(5, options.Problems().Count);
        await Assert.ThrowsAsync<ProbeException>(() => ClusterProbe.StartAsync(options));
    }

    private static Task UntilMoreAsync(ClusterProbe probe)
    {
        var before = probe.Status.Acknowledged;
        return Deadline.UntilAsync(() => probe.Status.Acknowledged > before + ProbeResult.NamedMax, "rows are acknowledged");
    }

    private static string Name(DatabaseServer server) => string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}");

    private static async Task<DatabaseServer> StartAsync()
    {
        var server = await DatabaseServer.StartAsync(DatabaseKind.MariaDb, Durable);
        await SqlAsync(server, "GRANT ALL ON flotilla_probe.* TO app@'%' IDENTIFIED BY 'app'");
        return server;
    }

    private static async Task SqlAsync(DatabaseServer server, string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = server.SocketPath, MultiStatements = true });
        await session.ExecuteAsync(sql);
    }

    private static async Task<string> ScalarAsync(DatabaseServer server, string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = server.SocketPath });
        return await session.QueryScalarAsync(sql) ?? "";
    }

    private ProbeOptions Options() => new() { Servers = [.. new[] { _one, _two }.Select(server => new MySqlOptions { Host = server.Host, Port = server.Port, User = "app", Password = "app" })] };

    private void Signal(string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", _one.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
