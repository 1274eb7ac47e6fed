using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;
using Microsoft.Data.Sqlite;

namespace Flotilla.Cli.Gearmand;

/// <summary>What <c>--queue-type</c> means here.</summary>
internal static class GearmandQueue
{
    private static readonly string[] Elsewhere = ["mysql", "postgres", "redis", "libmemcached", "libdrizzle", "libtokyocabinet"];

    /// <returns>The store, not open; null for memory.</returns>
    /// <exception cref="IOException">There is no such queue here; the text says what there is.</exception>
    public static async Task<IJobStore?> CreateAsync(GearmandSettings settings, GearmandLog log, CancellationToken cancellationToken)
    {
        switch (settings.QueueType.ToLowerInvariant())
        {
            case "builtin":
                return null;
            case "file":
                Directory.CreateDirectory(settings.FileStore);
                return new FileJobStore(new FileJobStoreOptions
                {
                    Folder = settings.FileStore,
                    Warn = text => log.Write(GearmandVerbosity.Warning, text),
                });
            case "libsqlite3":
                return await CreateSqliteAsync(settings, log, cancellationToken);
            case var other:
                log.Write(GearmandVerbosity.Error, $"Unknown queue {settings.QueueType}; there are builtin, libsqlite3 and file");
                throw new IOException(Elsewhere.Contains(other, StringComparer.Ordinal)
                    ? $"Error while initializing the queue : {settings.QueueType} (flotilla keeps queues itself: use file or libsqlite3)"
                    : $"Error while initializing the queue : {settings.QueueType}");
        }
    }

    private static async Task<IJobStore> CreateSqliteAsync(GearmandSettings settings, GearmandLog log, CancellationToken cancellationToken)
    {
        log.Write(GearmandVerbosity.Info, "Initializing libsqlite3 module");
        if (settings.SqliteDb is not { } path)
        {
            log.Write(GearmandVerbosity.Error, "missing required --libsqlite3-db=<dbfile> argument init(QUEUE_ERROR)");
            throw new IOException($"Error while initializing the queue : {settings.QueueType}");
        }

        try
        {
            await TakeOverAsync(path, settings.SqliteTable, log, cancellationToken);
        }
        catch (Exception failure) when (failure is JobStoreException or SqliteException)
        {
            log.Write(GearmandVerbosity.Error, $"Failed to initialize libsqlite3: {failure.Message}");
            throw new IOException($"Error while initializing the queue : {settings.QueueType} ({failure.Message})", failure);
        }

        return new SqliteJobStore(path);
    }

    /// <summary>
    /// Jobs that gearmand has left in its table become ours, and the table is emptied. A crash between the two leaves them in both: they
    /// then run twice rather than never.
    /// </summary>
    private static async Task TakeOverAsync(string path, string table, GearmandLog log, CancellationToken cancellationToken)
    {
        if (!File.Exists(path) || !HasRows(path, table))
            return;
        long count;
        await using (var store = new SqliteJobStore(path))
        {
            await store.OpenAsync(new NoReplay(), cancellationToken);
            count = await SqliteJobStore.ImportGearmandTableAsync(path, store, table, cancellationToken);
        }

        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = $"DELETE FROM {Quote(table)}";
        command.ExecuteNonQuery();
        log.Write(GearmandVerbosity.Notice, $"took {count} jobs over from the table {table} of {path}");
    }

    private static bool HasRows(string path, string table)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $name";
        command.Parameters.AddWithValue("$name", table);
        if (command.ExecuteScalar() is not > 0L)
            return false;
        command.Parameters.Clear();
        command.CommandText = $"SELECT EXISTS (SELECT 1 FROM {Quote(table)})";
        return command.ExecuteScalar() is > 0L;
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static string Quote(string table) => '"' + table.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    /// <summary>For a store that is opened only to be added to.</summary>
    private sealed class NoReplay : IJobStoreReplay
    {
        public void OnRecord(in StoredRecord record)
        {
            // The server reads them when it opens the store itself.
        }

        public void OnProgress(long doneBytes, long totalBytes)
        {
            // The take-over is told as a whole.
        }
    }
}
