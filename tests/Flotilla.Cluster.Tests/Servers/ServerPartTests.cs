using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>The parts that need no server.</summary>
public sealed class ServerPartTests
{
    [Theory]
    [InlineData("0-1-8", "0-1-8", "")]
    [InlineData("0-1-9", "0-1-8,0-2-9", "0-1-(8..9]")]
    [InlineData("0-2-5,0-1-7", "0-1-7", "0-2-(0..5]")]
    [InlineData("0-1-7", "0-2-5,0-1-9", "")]
    [InlineData("1-1-3,0-1-7", "0-1-7", "1-1-(0..3]")]
    public void WhatOneLogHasAndTheOtherHasNot(string mine, string primary, string errant)
        => Assert.Equal(errant, string.Join(' ', GtidState.Parse(mine).Without(GtidState.Parse(primary))));

    /// <summary>After RESET MASTER numbers begin again, and those of others are not there.</summary>
    [Theory]
    [InlineData("0-2-40,0-1-100", "0-2-40", true)]
    [InlineData("0-1-100", "0-2-40", false)]
    [InlineData("0-1-5", "0-1-6", false)]
    [InlineData("0-1-5", "", true)]
    public void ALogThatWasBegunAnewIsKnownByWhatItsEpochBeganWith(string log, string start, bool has) => Assert.Equal(has, GtidState.Parse(log).Has(ReplicationPosition.Parse(start)));

    [Theory]
    [InlineData("0-1-7", "0-1-5,0-2-9", "0-1-7", "0-1-5 leaves, 0-1-7 is last")]
    [InlineData("0-2-9", "0-1-5,0-2-12", "0-1-5,0-2-9", "the later one is cut back")]
    [InlineData("0-2-9", "0-2-9,0-1-12", "0-2-9", "what is behind it comes with replication")]
    public void TheStateOfACopyIsCutToItsPosition(string position, string later, string state, string why)
        => Assert.True(GtidState.At(GtidPosition.Parse(position), GtidState.Parse(later)).ToString() == state, why);

    [Fact]
    public void GroupsEndWithTheirTransactionOrStatement()
    {
        var groups = new LogGroups();
        LogEvent[] events =
        [
            new("f", 1, "Gtid", "BEGIN GTID 0-1-3 cid=7"), new("f", 2, "Table_map", "table_id: 18 (t.x)"), new("f", 3, "Query", "SAVEPOINT a"), new("f", 4, "Xid", "COMMIT /* xid=5 */"),
            new("f", 5, "Gtid", "GTID 0-1-4"), new("f", 6, "Query", "create table t"), new("f", 7, "Gtid", "BEGIN GTID 0-1-5"), new("f", 8, "Query", "COMMIT"),
            new("f", 9, "Gtid", "BEGIN GTID 0-1-6"), new("f", 10, "Write_rows_v1", "table_id: 18"),
        ];
        Assert.Equal(["0-1-3", "0-1-4", "0-1-5"], events.Select(one => groups.Take(one)).Where(gtid => gtid is not null).Select(gtid => gtid.ToString()));
        Assert.Equal("0-1-6", groups.Open.ToString());
    }

    /// <summary>As MariaDB shows them.</summary>
    [Fact]
    public void AnXaTransactionIsOneGroupToItsPreparationAndAnotherToItsEnd()
    {
        var groups = new LogGroups();
        LogEvent[] events =
        [
            new("f", 1, "Gtid", "XA START X'62',X'',1 GTID 0-1-7"), new("f", 2, "Query", "use `app`; insert into t values(2)"), new("f", 3, "Query", "XA END X'62',X'',1"),
            new("f", 4, "XA_prepare", "XA PREPARE X'62',X'',1"), new("f", 5, "Gtid", "GTID 0-1-8"), new("f", 6, "Query", "XA ROLLBACK X'62',X'',1"),
        ];
        Assert.Equal([null, null, null, "0-1-7", null, "0-1-8"], events.Select(one => groups.Take(one)?.ToString()));
    }

    [Theory]
    [InlineData(
        "Could not execute Write_rows_v1 event on table app.t; Duplicate entry 'it's me' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log a.1",
        "Could not execute Write_rows_v1 event on table app.t; Duplicate entry '...' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log a.1")]
    [InlineData("Error 'Table 'app.x' doesn't exist' on query. Default database: 'app'. Query: 'INSERT INTO x VALUES ('secret')'", "Error 'Table 'app.x' doesn't exist' on query. Default database: 'app'. Query: ...")]
    [InlineData("Incorrect string value: '\\xE2' for column 'v' at row 1", "Incorrect string value: '...' for column 'v' at row 1")]
    [InlineData("Truncated incorrect DOUBLE value: 'a secret'", "Truncated incorrect DOUBLE value: '...'")]
    [InlineData("Could not execute Update_rows_v1 event on table app.t; Can't find record in 't', Error_code: 1032", "Could not execute Update_rows_v1 event on table app.t; Can't find record in 't', Error_code: 1032")]
    public void ErrorsAreShownWithoutData(string text, string shown) => Assert.Equal(shown, SqlErrorText.WithoutData(text));

    [Theory]
    [InlineData("mysql-relay.000009", "mysql-relay.000010")]
    [InlineData("a.b.999999", "a.b.1000000")]
    public void LogFilesAreCounted(string file, string next) => Assert.Equal(next, EventLog.Next(file));

    [Fact]
    public void SetsOfMySqlAreComparedAsPositions()
    {
        const string one = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
        const string other = "4e11fa47-71ca-11e1-9e33-c80aa9429562";
        Assert.Equal(PositionOrder.Equal, MySqlGtids.Parse($"{one}:1-5:7-9").CompareTo(MySqlGtids.Parse($"{one.ToUpperInvariant()}:1-5")));
        Assert.Equal(PositionOrder.Before, MySqlGtids.Parse($"{one}:1").CompareTo(MySqlGtids.Parse($"{one}:1-2,{other}:1-3")));
        Assert.Equal(PositionOrder.Diverged, MySqlGtids.Parse($"{one}:1-4").CompareTo(MySqlGtids.Parse($"{one}:1-3,{other}:1")));
        Assert.True(MySqlGtids.Parse($"{one}:2-4").IsEmpty);
        Assert.Throws<FormatException>(() => MySqlGtids.Parse("0-1-5"));
    }

    [Theory]
    [InlineData("ON", "1", true)]
    [InlineData("row", "ROW", true)]
    [InlineData("OFF", "ON", false)]
    [InlineData(null, "ON", false)]
    [InlineData("10000", "1", false)]
    public void SettingsAreMetInEitherSpelling(string? actual, string wanted, bool isMet) => Assert.Equal(isMet, new RequiredSetting("x", wanted, "", IsDynamic: true).IsMetBy(actual));

    [Fact]
    public void PasswordsComeFromTheSecretAndDifferFromOneAnother()
    {
        var accounts = new ServerAccounts("secret");
        string[] all = [accounts.NodePassword, accounts.ReplicaPassword(1), accounts.ReplicaPassword(2), new ServerAccounts("other").NodePassword];
        Assert.Equal(4, all.Distinct().Count());
        Assert.All(all, password => Assert.Equal(32, password.Length));
        Assert.Equal(new ServerAccounts("secret").ReplicaPassword(2), all[2]);
    }

    [Fact]
    public async Task OnlyTheStatementsThatChangeRowsAreTakenFromAFlashback()
    {
        const string text = "DELIMITER /*!*/;\nROLLBACK/*!*/;\nBINLOG '\nAAA\n'/*!*/;\n#Q> BINLOG 'x'\nSTART TRANSACTION/*!*/;\nBINLOG '\nBBB\nCCC\n'/*!*/;\nCOMMIT\n/*!*/;\n";
        Assert.Equal(["BINLOG '\nAAA\n'", "BINLOG '\nBBB\nCCC\n'"], await FlashbackStatements.ReadAsync(new StringReader(text), default));
    }

    [Fact]
    public async Task ABackupArrivesWholeOrNotAtAll()
    {
        var bytes = new byte[(2 * BackupFrames.PieceBytesMax) + 5];
        new Random(1).NextBytes(bytes);
        using var stream = new MemoryStream();
        await new BackupWriter(stream).WriteAsync(bytes);
        var cut = stream.Length;
        await BackupFrames.WriteEndAsync(stream, reason: null, default);
        Assert.Equal(bytes, await ReceiveAsync(stream.ToArray()));

        foreach (var length in (long[])[0, 3, 4, 100, cut - 1, cut, cut + 3])
            await Assert.ThrowsAsync<EndOfStreamException>(() => ReceiveAsync(stream.ToArray()[..(int)length]));
        stream.SetLength(cut);
        stream.Position = cut;
        await BackupFrames.WriteEndAsync(stream, "the disk is full", default);
        var failure = await Assert.ThrowsAsync<IOException>(() => ReceiveAsync(stream.ToArray()));
        Assert.Equal("the donor failed: the disk is full", failure.Message);
        await Assert.ThrowsAsync<IOException>(() => ReceiveAsync([0x7f, 0, 0, 0]));
    }

    /// <summary>A death between any two steps of the exchange.</summary>
    [Theory]
    [InlineData("data,data.filling", "data")]
    [InlineData("data,data.ready", "data")]
    [InlineData("data.old,data.ready", "data.ready")]
    [InlineData("data.old,data", "data")]
    [InlineData("data.old", "data.old")]
    [InlineData("data", "data")]
    public void ADeathLeavesTheOldOrTheNewDataFolder(string there, string kept)
    {
        var root = Directory.CreateTempSubdirectory("flotilla-data-").FullName;
        try
        {
            foreach (var name in there.Split(','))
                File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(root, name)).FullName, "who"), name);
            new DataFolder(Path.Combine(root, "data")).Recover();
            Assert.Equal(["data"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName));
            Assert.Equal(kept, File.ReadAllText(Path.Combine(root, "data", "who")));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void TheNewDataFolderTakesThePlaceOfTheOldOne()
    {
        var root = Directory.CreateTempSubdirectory("flotilla-data-").FullName;
        try
        {
            var data = new DataFolder(Path.Combine(root, "data"));
            Directory.CreateDirectory(data.Path);
            Assert.Throws<IOException>(data.Swap);
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(data.Ready).FullName, "who"), "new");
            data.Swap();
            Assert.Equal("new", File.ReadAllText(Path.Combine(data.Path, "who")));
            Assert.Equal(["data"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<byte[]> ReceiveAsync(byte[] bytes)
    {
        using var received = new MemoryStream();
        await new BackupReader(new MemoryStream(bytes)).CopyToAsync(received);
        return received.ToArray();
    }
}
