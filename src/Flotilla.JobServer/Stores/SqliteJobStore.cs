using Flotilla.JobServer.Core;
using Flotilla.Primitives;
using Microsoft.Data.Sqlite;

namespace Flotilla.JobServer.Stores;

/// <summary>
/// Jobs in an SQLite database, for those who want to look at their queue with SQL: tables <c>jobs</c>, <c>functions</c> and
/// <c>meta</c>, in write-ahead mode, one transaction with a full flush per batch. Jobs are keyed by their ids, so jobs without a unique
/// key, or with the same one, are rows of their own. Reading from another process while the server runs is fine, writing is not.
/// Works on the caller's thread; not thread-safe.
/// </summary>
public sealed class SqliteJobStore : IJobStore
{
    private const int ProgressEveryJobs = 65_536;

    private readonly string _path;
    private readonly DiskStoreFiles _lockFiles;
    private SqliteConnection? _connection;
    private SqliteJobWriter? _writer;
    private IDisposable? _lock;
    private ulong _highestId;

    /// <param name="path">The database file; made when it isn't there. The folder <c>path.lock</c> beside it keeps a second server out.</param>
    public SqliteJobStore(string path)
    {
        _path = Path.GetFullPath(path);
        _lockFiles = new DiskStoreFiles(_path + ".lock");
    }

    public string Description => $"SQLite store in {_path}";

    public JobId HighestId => new(_highestId);

    public ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken)
    {
        Invariant.Require(_lock is null);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path) ?? ".");
            _lock = _lockFiles.Lock();
            _connection = SqliteSchema.Open(_path);
            SqliteSchema.Prepare(_connection, _path);
            _highestId = SqliteSchema.ReadHighestId(_connection);
            _writer = new SqliteJobWriter(_connection);
            Replay(_connection, replay, cancellationToken);
            return default;
        }
        catch (Exception problem) when (problem is SqliteException or IOException or UnauthorizedAccessException)
        {
            Release();
            throw Explain("open", problem);
        }
        catch (Exception problem) when (problem is JobStoreException or OperationCanceledException)
        {
            Release();
            throw;
        }
    }

    public ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken)
    {
        Invariant.Require(_connection is not null && _writer is not null);
        cancellationToken.ThrowIfCancellationRequested();
        if (batch.IsEmpty)
            return default;
        try
        {
            _highestId = _writer.Commit(batch, _highestId);
            return default;
        }
        catch (SqliteException problem)
        {
            _writer.Undo();
            throw Explain("write to", problem);
        }
    }

    public ValueTask DisposeAsync()
    {
        Release();
        return default;
    }

    /// <summary>
    /// Takes over the jobs that a C gearmand kept in an SQLite table (<c>unique_key, function_name, priority, data, when_to_run</c>; see
    /// docs/guides/writing-a-job-store.md), in the order in which they were queued. They are committed to <paramref name="target"/>, a
    /// store of any kind that is open, under new ids; the table is only read. Returns how many there were. gearmand must not run.
    /// </summary>
    /// <param name="databasePath">gearmand's <c>--libsqlite3-db</c>.</param>
    /// <param name="target">An open store that no server uses yet.</param>
    /// <param name="table">gearmand's <c>--libsqlite3-table</c>.</param>
    /// <param name="cancellationToken">Looked at between batches of 1,000: what was committed stays.</param>
    /// <exception cref="JobStoreException">The database can't be read, the table isn't there, or the target refused a batch.</exception>
    public static ValueTask<long> ImportGearmandTableAsync(
        string databasePath, IJobStore target, string table = "gearman_queue", CancellationToken cancellationToken = default)
        => new GearmandTableImport(databasePath, table).RunAsync(target, cancellationToken);

    private static void Replay(SqliteConnection connection, IJobStoreReplay replay, CancellationToken cancellationToken)
    {
        var total = SqliteSchema.CountJobs(connection);
        using var command = connection.CreateCommand();
        command.CommandText = SqliteSchema.SelectJobs;
        using (var reader = command.ExecuteReader())
        {
            for (var done = 1L; reader.Read(); done++)
            {
                SqliteJobReader.Report(reader, replay);
                if (done % ProgressEveryJobs != 0)
                    continue;
                cancellationToken.ThrowIfCancellationRequested();
                replay.OnProgress(done, total);
            }
        }

        command.CommandText = SqliteSchema.SelectFunctions;
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
                SqliteJobReader.ReportFunction(reader, replay);
        }

        replay.OnProgress(total, total);
    }

    private void Release()
    {
        _writer?.Dispose();
        _writer = null;
        _connection?.Dispose();
        _connection = null;
        _lock?.Dispose();
        _lock = null;
    }

    private JobStoreException Explain(string what, Exception problem)
    {
        const int SqliteFull = 13;
        return problem is SqliteException { SqliteErrorCode: SqliteFull }
            ? new JobStoreException(
                $"the disk is full: can't {what} {_path}; {_lockFiles.FreeBytes} bytes are free. Jobs that are queued go on; make room", problem)
            : new JobStoreException($"can't {what} {_path}: {problem.Message}", problem);
    }
}
