using Flotilla.JobServer.Core;
using Flotilla.Primitives;
using Microsoft.Data.Sqlite;

namespace Flotilla.JobServer.Stores;

/// <summary>Writes records with statements that are prepared once.</summary>
internal sealed class SqliteJobWriter(SqliteConnection connection) : IDisposable
{
    private readonly Statement _add = new(
        connection,
        """
        INSERT INTO jobs(id, kind, state, priority, attempts, due_ms, changed_ms, function, unique_key, reducer, schedule, reason, data)
        VALUES($id, $kind, 0, $priority, $attempts, $due, 0, $function, $unique, $reducer, $schedule, x'', $data)
        """,
        "$id", "$kind", "$priority", "$attempts", "$due", "$function", "$unique", "$reducer", "$schedule", "$data");

    private readonly Statement _remove = new(connection, "DELETE FROM jobs WHERE id = $id", "$id");

    private readonly Statement _retry = new(
        connection,
        "UPDATE jobs SET state = 3, attempts = $attempts, changed_ms = $due, reason = x'' WHERE id = $id",
        "$id", "$attempts", "$due");

    private readonly Statement _bury = new(
        connection,
        "UPDATE jobs SET state = 4, attempts = $attempts, changed_ms = $due, reason = $reason WHERE id = $id",
        "$id", "$attempts", "$due", "$reason");

    private readonly Statement _fire = new(
        connection,
        "UPDATE jobs SET state = 6, changed_ms = $due WHERE id = $id",
        "$id", "$due");

    private readonly Statement _set = new(
        connection, "INSERT OR REPLACE INTO functions(name, settings) VALUES($name, $settings)", "$name", "$settings");

    private readonly Statement _unset = new(connection, "DELETE FROM functions WHERE name = $name", "$name");

    private readonly Statement _highest = new(connection, "UPDATE meta SET value = $value WHERE key = 'highest_id'", "$value");

    private readonly Statement _touch = new(connection, "UPDATE meta SET value = value");

    private readonly Statement _begin = new(connection, "BEGIN IMMEDIATE");

    private readonly Statement _commit = new(connection, "COMMIT");

    private readonly Statement _rollback = new(connection, "ROLLBACK");

    private bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Makes the batch durable in one transaction and returns the highest id so far. After an exception comes <see cref="Undo"/>.</summary>
    public ulong Commit(JobStoreBatch batch, ulong highestId)
    {
        if (IsInTransaction)
            _rollback.Run();
        _begin.Run();
        var highest = highestId;
        foreach (var record in batch)
        {
            Write(record);
            highest = Math.Max(highest, record.Id.Value);
        }

        if (highest != highestId)
            _highest.Run(checked((long)highest));
        _commit.Run();
        return highest;
    }

    /// <summary>
    /// Rolls back what failed. Its pages may lie in the write-ahead log all the same, commit mark and all; a small commit overwrites
    /// them, so that no later opening finds them. Where not even that can be written, the next commit does it.
    /// </summary>
    public void Undo()
    {
        try
        {
            // Some failures end the transaction by themselves.
            if (IsInTransaction)
                _rollback.Run();
            _begin.Run();
            _touch.Run();
            _commit.Run();
        }
        catch (SqliteException)
        {
            // The disk is worse off than it was when the batch failed; that failure is the one to report.
        }
    }

    private void Write(in StoredRecord record)
    {
        var id = checked((long)record.Id.Value);
        switch (record.Kind)
        {
            case StoredRecordKind.JobAdded or StoredRecordKind.ScheduleAdded:
                _add.Run(
                    id, (int)record.Kind, (int)record.Priority, record.Attempts, record.DueMs, record.Function.ToArray(), record.Unique.ToArray(),
                    record.Reducer.ToArray(), record.Schedule.ToArray(), record.Data.ToArray());
                break;
            case StoredRecordKind.JobRemoved or StoredRecordKind.ScheduleRemoved:
                _remove.Run(id);
                break;
            case StoredRecordKind.JobRetried:
                _retry.Run(id, record.Attempts, record.DueMs);
                break;
            case StoredRecordKind.JobBuried:
                _bury.Run(id, record.Attempts, record.DueMs, record.Data.ToArray());
                break;
            case StoredRecordKind.ScheduleFired:
                _fire.Run(id, record.DueMs);
                break;
            case StoredRecordKind.FunctionSet when record.Data.IsEmpty:
                _unset.Run(record.Function.ToArray());
                break;
            case StoredRecordKind.FunctionSet:
                _set.Run(record.Function.ToArray(), record.Data.ToArray());
                break;
            default:
                Invariant.Require(record.Kind == StoredRecordKind.None);
                break;
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_add, _remove, _retry, _bury, _fire, _set, _unset, _highest, _touch, _begin, _commit, _rollback])
            statement.Dispose();
    }

    private sealed class Statement : IDisposable
    {
        private readonly SqliteCommand _command;
        private readonly SqliteParameter[] _parameters;

        public Statement(SqliteConnection connection, string sql, params ReadOnlySpan<string> names)
        {
            _command = connection.CreateCommand();
            _command.CommandText = sql;
            _parameters = new SqliteParameter[names.Length];
            for (var i = 0; i < names.Length; i++)
                _parameters[i] = _command.Parameters.Add(new SqliteParameter { ParameterName = names[i] });
        }

        public void Run(params ReadOnlySpan<object> values)
        {
            Invariant.Require(values.Length == _parameters.Length);
            for (var i = 0; i < values.Length; i++)
                _parameters[i].Value = values[i];
            _command.ExecuteNonQuery();
        }

        public void Dispose() => _command.Dispose();
    }
}
