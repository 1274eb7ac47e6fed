using Flotilla.JobServer.Core;
using Microsoft.Data.Sqlite;

namespace Flotilla.JobServer.Stores;

/// <summary>Reads the table that gearmand's SQLite queue keeps; see <see cref="SqliteJobStore.ImportGearmandTableAsync"/>.</summary>
internal sealed class GearmandTableImport(string databasePath, string table)
{
    private const int JobsPerBatch = 1_000;

    /// <summary>Payloads of a batch are held in memory.</summary>
    private const int BytesPerBatch = 8 * 1024 * 1024;

    public async ValueTask<long> RunAsync(IJobStore target, CancellationToken cancellationToken)
    {
        if (!File.Exists(databasePath))
            throw new JobStoreException($"{databasePath} is not there");
        try
        {
            using var connection = SqliteSchema.Open(databasePath, isReadOnly: true);
            using var command = connection.CreateCommand();
            command.CommandText = SelectFrom(table);
            using var reader = command.ExecuteReader();
            return await CopyAsync(reader, target, cancellationToken);
        }
        catch (SqliteException problem)
        {
            throw new JobStoreException($"can't read the table {table} of {databasePath}: {problem.Message}", problem);
        }
    }

    /// <summary>Columns may hold text, blobs or nothing at all, as gearmand's versions and the payloads have it: an empty payload is stored as NULL by some.</summary>
    private static string SelectFrom(string table)
    {
        var quoted = '"' + table.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
        return $"""
            SELECT coalesce(CAST(unique_key AS BLOB), x''), coalesce(CAST(function_name AS BLOB), x''), coalesce(priority, 1),
                coalesce(CAST(data AS BLOB), x''), coalesce(when_to_run, 0)
            FROM {quoted} ORDER BY rowid
            """;
    }

    private static async ValueTask<long> CopyAsync(SqliteDataReader reader, IJobStore target, CancellationToken cancellationToken)
    {
        var batch = new JobStoreBatch();
        var next = target.HighestId.Value + 1;
        var count = 0L;
        while (reader.Read())
        {
            Add(batch, next++, reader);
            count++;
            if (batch.Count < JobsPerBatch && batch.LengthBytes < BytesPerBatch)
                continue;
            await target.CommitAsync(batch, cancellationToken);
            batch.Clear();
        }

        await target.CommitAsync(batch, cancellationToken);
        return count;
    }

    private static void Add(JobStoreBatch batch, ulong id, SqliteDataReader reader)
        => batch.Add(id, new StoredRecord
        {
            Kind = StoredRecordKind.JobAdded,
            Id = new JobId(id),
            Unique = reader.GetFieldValue<byte[]>(0),
            Function = reader.GetFieldValue<byte[]>(1),
            Priority = (JobPriority)Math.Clamp(reader.GetInt64(2), (long)JobPriority.High, (long)JobPriority.Low),
            Data = reader.GetFieldValue<byte[]>(3),
            DueMs = Math.Max(0, reader.GetInt64(4)) * 1_000,
        });
}
