using Flotilla.JobServer.Core;
using Microsoft.Data.Sqlite;

namespace Flotilla.JobServer.Stores;

/// <summary>Turns rows into the records that opening a store reports.</summary>
internal static class SqliteJobReader
{
    /// <summary>A row of <see cref="SqliteSchema.SelectJobs"/>.</summary>
    public static void Report(SqliteDataReader row, IJobStoreReplay replay)
    {
        var id = new JobId((ulong)row.GetInt64(0));
        var kind = (StoredRecordKind)row.GetInt32(1);
        var state = (StoredRecordKind)row.GetInt32(2);
        var (priority, attempts) = ((JobPriority)row.GetInt32(3), row.GetInt32(4));
        var (dueMs, changedMs) = (row.GetInt64(5), row.GetInt64(6));
        replay.OnRecord(new StoredRecord
        {
            Kind = kind,
            Id = id,
            Priority = priority,
            Attempts = attempts,
            DueMs = state == StoredRecordKind.JobRetried ? changedMs : dueMs,
            Function = row.GetFieldValue<byte[]>(7),
            Unique = row.GetFieldValue<byte[]>(8),
            Reducer = row.GetFieldValue<byte[]>(9),
            Schedule = row.GetFieldValue<byte[]>(10),
            Data = row.GetFieldValue<byte[]>(12),
        });
        if (state == StoredRecordKind.JobBuried)
            replay.OnRecord(new StoredRecord { Kind = state, Id = id, Attempts = attempts, DueMs = changedMs, Data = row.GetFieldValue<byte[]>(11) });
        else if (state == StoredRecordKind.ScheduleFired)
            replay.OnRecord(new StoredRecord { Kind = state, Id = id, DueMs = changedMs });
    }

    /// <summary>A row of <see cref="SqliteSchema.SelectFunctions"/>.</summary>
    public static void ReportFunction(SqliteDataReader row, IJobStoreReplay replay)
        => replay.OnRecord(new StoredRecord
        {
            Kind = StoredRecordKind.FunctionSet,
            Function = row.GetFieldValue<byte[]>(0),
            Data = row.GetFieldValue<byte[]>(1),
        });
}
