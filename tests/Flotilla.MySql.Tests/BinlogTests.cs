using System.Buffers.Binary;
using Flotilla.MySql.Protocol;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

/// <summary>Binlog streams as raw packets; what is in them is the replicator's business.</summary>
public sealed class BinlogTests(Servers servers)
{
    private const byte RotateEvent = 4;
    private const byte FormatDescriptionEvent = 15;

    [Theory]
    [InlineData(DatabaseKind.MariaDb, 7001)]
    [InlineData(DatabaseKind.MySql56, 7002)]
    public async Task TheBinlogIsStreamedFromItsBeginning(DatabaseKind kind, uint serverId)
    {
        await using var connection = await servers.OpenAsync(kind);
        var file = (await connection.QueryTableAsync("SHOW BINARY LOGS")).Rows[0]["Log_name"]!;
        await connection.ExecuteAsync("SET @master_binlog_checksum = @@global.binlog_checksum");
        await connection.RegisterReplicaAsync(new RegisterReplica(serverId));
        await using var stream = await connection.DumpBinlogAsync(new BinlogDump(file, 4, serverId, BinlogDumpFlags.NonBlocking), Deadline.Default);
        var types = new List<byte>();
        while (await stream.ReadAsync() is { IsEmpty: false } packet)
        {
            Assert.Equal(packet.Length, BinaryPrimitives.ReadInt32LittleEndian(packet.Span[9..]));
            types.Add(packet.Span[4]);
        }

        Assert.Equal([RotateEvent, FormatDescriptionEvent], types.Take(2));
        Assert.True((await stream.ReadAsync()).IsEmpty);
    }

    [Fact]
    public async Task AMissingBinlogIsTheServersError()
    {
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
        await connection.ExecuteAsync("SET @master_binlog_checksum = @@global.binlog_checksum");
        await using var stream = await connection.DumpBinlogAsync(new BinlogDump("nothing.000001", 4, 7003), Deadline.Default);
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await stream.ReadAsync());
        Assert.Equal(1236, error.Number);
    }

    [Fact]
    public async Task WaitingForEventsEndsByCancellingOrSilence()
    {
        foreach (var byToken in new[] { true, false })
        {
            await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb);
            var status = (await connection.QueryTableAsync("SHOW MASTER STATUS")).Rows[0];
            await connection.ExecuteAsync("SET @master_binlog_checksum = @@global.binlog_checksum, @mariadb_slave_capability = 4");
            await using var stream = await connection.DumpBinlogAsync(
                new BinlogDump(status["File"]!, 4, byToken ? 7004u : 7005u), byToken ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(300));
            using var cancel = new CancellationTokenSource(byToken ? TimeSpan.FromMilliseconds(300) : Timeout.InfiniteTimeSpan);
            var reading = Task.Run(async () =>
            {
                while (true)
                    await stream.ReadAsync(cancel.Token);
            });
            if (byToken)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            else
                await Assert.ThrowsAsync<MySqlTimeoutException>(() => reading);
            Assert.False(connection.IsOpen);
        }
    }
}
