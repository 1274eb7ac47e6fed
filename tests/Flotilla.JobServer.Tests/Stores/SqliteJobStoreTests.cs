using System.Text;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;
using Microsoft.Data.Sqlite;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>The contract on SQLite, and what only SQLite can get wrong.</summary>
public sealed class SqliteJobStoreTests : JobStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-sqlite-").FullName;

    private string Database => Path.Combine(_folder, "jobs.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override IJobStore Make() => new SqliteJobStore(Database);

    [Fact]
    public async Task CommitsAreFlushedInFullInWriteAheadMode()
    {
        await using var store = Make();
        await store.OpenAndReadAsync();
        Assert.Equal("wal", Query("PRAGMA journal_mode"));
        using var connection = SqliteSchema.Open(Database);
        SqliteSchema.Prepare(connection, Database);
        Assert.Equal(2L, Query(connection, "PRAGMA synchronous"));
    }

    [Fact]
    public async Task ABatchThatFailsHalfWayLeavesNothing()
    {
        await using (var store = Make())
        {
            await store.OpenAndReadAsync();
            await store.CommitAsync(ModelRecord.Job(1));
            await Assert.ThrowsAsync<JobStoreException>(async () => await store.CommitAsync(ModelRecord.Job(2), ModelRecord.Removed(1), ModelRecord.Job(2)));
            await store.CommitAsync(ModelRecord.Job(3));
            Assert.Equal(3u, store.HighestId.Value);
        }

        await ExpectAsync(ModelRecord.Job(1), ModelRecord.Job(3));
    }

    [Fact]
    public async Task ADatabaseOfANewerVersionIsRefused()
    {
        await CommitAllAsync(ModelRecord.Job(1));
        Query("PRAGMA user_version=99");
        await using var store = Make();
        var refused = await Assert.ThrowsAsync<JobStoreException>(async () => await store.OpenAndReadAsync());
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileThatIsNoDatabaseIsRefusedAndLeftAlone()
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("certainly no database ", 100)));
        await File.WriteAllBytesAsync(Database, bytes);
        await using var store = Make();
        var refused = await Assert.ThrowsAsync<JobStoreException>(async () => await store.OpenAndReadAsync());
        Assert.Contains(Database, refused.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Database));
    }

    [Fact]
    public async Task JobsOfAGearmandTableAreTakenOverInTheirOrder()
    {
        var theirs = Path.Combine(_folder, "gearmand.db");
        using (var connection = SqliteSchema.Open(theirs))
        {
            Query(connection, "CREATE TABLE gearman_queue(unique_key TEXT, function_name TEXT, priority INTEGER, data BLOB, when_to_run INTEGER, PRIMARY KEY(unique_key, function_name))");
            Query(connection, "INSERT INTO gearman_queue VALUES('k1', 'reverse', 0, x'00ff41', 0), ('', 'reverse', 1, 'text', NULL), ('-', 'later', 2, NULL, 1900000000)");
        }

        await CommitAllAsync(ModelRecord.Job(9));
        await using (var store = Make())
        {
            await store.OpenAndReadAsync();
            Assert.Equal(3, await SqliteJobStore.ImportGearmandTableAsync(theirs, store));
        }

        await ExpectAsync(
            ModelRecord.Job(9),
            ModelRecord.Job(10, "\0\u00ffA") with { Unique = "k1", Priority = JobPriority.High },
            ModelRecord.Job(11, "text"),
            new ModelRecord(StoredRecordKind.JobAdded, 12) { Function = "later", Unique = "-", Priority = JobPriority.Low, DueMs = 1_900_000_000_000 });
    }

    [Fact]
    public async Task AGearmandTableThatIsNotThereIsNamed()
    {
        await using var store = Make();
        await store.OpenAndReadAsync();
        var missing = await Assert.ThrowsAsync<JobStoreException>(async () => await SqliteJobStore.ImportGearmandTableAsync(Database, store, "no\"table"));
        Assert.Contains("no\"table", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JobStoreException>(async () => await SqliteJobStore.ImportGearmandTableAsync(Database + "x", store));
    }

    private object? Query(string sql)
    {
        using var connection = SqliteSchema.Open(Database);
        return Query(connection, sql);
    }

    private static object? Query(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
