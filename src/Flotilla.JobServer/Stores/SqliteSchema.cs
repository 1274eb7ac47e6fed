using Microsoft.Data.Sqlite;

namespace Flotilla.JobServer.Stores;

/// <summary>The tables of <see cref="SqliteJobStore"/>.</summary>
internal static class SqliteSchema
{
    public const string SelectJobs =
        """
        SELECT id, kind, state, priority, attempts, due_ms, changed_ms, function, unique_key, reducer, schedule, reason, data
        FROM jobs ORDER BY kind, id
        """;

    public const string SelectFunctions = "SELECT name, settings FROM functions ORDER BY name";

    private const int CurrentVersion = 1;

    private const string CreateTables =
        """
        CREATE TABLE jobs(
            id INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,        -- 1 a job, 5 a schedule
            state INTEGER NOT NULL,       -- the latest change: 0 none, 3 retried, 4 buried, 6 fired
            priority INTEGER NOT NULL,    -- 0 high, 1 normal, 2 low
            attempts INTEGER NOT NULL,
            due_ms INTEGER NOT NULL,      -- not before, in milliseconds since 1970; 0 is at once
            changed_ms INTEGER NOT NULL,  -- of the latest change: the due time of a burial, the time of a firing
            function BLOB NOT NULL,
            unique_key BLOB NOT NULL,
            reducer BLOB NOT NULL,
            schedule BLOB NOT NULL,
            reason BLOB NOT NULL,         -- why it was buried
            data BLOB NOT NULL);
        CREATE TABLE functions(name BLOB PRIMARY KEY, settings BLOB NOT NULL);
        CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL);
        INSERT INTO meta(key, value) VALUES('highest_id', 0);
        """;

    private static readonly Lock Initializing = new();
    private static bool _isInitialized;

    public static SqliteConnection Open(string path, bool isReadOnly = false)
    {
        lock (Initializing)
        {
            if (!_isInitialized)
                SQLitePCL.Batteries_V2.Init();
            _isInitialized = true;
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = isReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Sets the database up for durable commits, and makes the tables when they aren't there.</summary>
    public static void Prepare(SqliteConnection connection, string path)
    {
        Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000");
        var version = Scalar(connection, "PRAGMA user_version");
        if (version > CurrentVersion)
            throw new JobStoreException($"{path} was written by a newer version of this program (format {version}, this one reads up to {CurrentVersion})");
        if (version == 0)
            Execute(connection, $"BEGIN IMMEDIATE; {CreateTables} PRAGMA user_version={CurrentVersion}; COMMIT");
    }

    public static ulong ReadHighestId(SqliteConnection connection) => (ulong)Scalar(connection, "SELECT value FROM meta WHERE key='highest_id'");

    public static long CountJobs(SqliteConnection connection) => Scalar(connection, "SELECT count(*) FROM jobs");

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(command.ExecuteScalar() ?? 0L);
    }
}
