using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Cluster.Probe;

/// <summary>A session of a client whose patience ends: it then closes the connection. It asks for no KILL, which would change what it measures.</summary>
internal sealed class ProbeSession : IAsyncDisposable
{
    /// <summary>What a server can only say of a statement that it did not carry out: no right, nothing to write to, read-only, not ready, deadlock, lock timeout.</summary>
    private static readonly HashSet<int> s_refusals = [1044, 1045, 1047, 1049, 1142, 1146, 1205, 1213, 1290, 1792, 1836];

    private readonly MySqlConnection _connection;
    private readonly ProbeOptions _options;

    private ProbeSession(MySqlConnection connection, ProbeOptions options) => (_connection, _options) = (connection, options);

    public string Server => _connection.Options.Server;

    public static async Task<ProbeSession> OpenAsync(MySqlOptions server, ProbeOptions options, CancellationToken cancellationToken)
    {
        var patient = server with { ConnectTimeout = options.Timeout, CommandTimeout = Timeout.InfiniteTimeSpan };
        return new ProbeSession(await MySqlConnection.OpenAsync(patient, cancellationToken), options);
    }

    public async Task<bool> IsReadOnlyAsync(CancellationToken cancellationToken) => await ScalarAsync("SELECT @@global.read_only", cancellationToken) != "0";

    public Task<string?> ScalarAsync(string sql, CancellationToken cancellationToken) => WithinAsync(_connection.QueryScalarAsync(sql, CancellationToken.None), _options.Timeout, cancellationToken);

    /// <summary>For what may take longer than a write.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) => WithinAsync(_connection.ExecuteAsync(sql, CancellationToken.None), _options.Patience, cancellationToken);

    /// <summary>After any outcome but <see cref="WriteOutcome.Acknowledged"/> the session is of no use.</summary>
    public async Task<WriteOutcome> WriteAsync(ProbeRow row)
    {
        var sql = string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {_options.QuotedTable} (writer, number, value) VALUES ({row.Writer}, {row.Number}, {ValueOf(row)})");
        try
        {
            await WithinAsync(_connection.ExecuteAsync(sql, CancellationToken.None), _options.Timeout, CancellationToken.None);
            return WriteOutcome.Acknowledged;
        }
        catch (MySqlServerException refusal) when (s_refusals.Contains(refusal.Number))
        {
            return WriteOutcome.Refused;
        }
        catch (Exception failure) when (failure is MySqlException or TimeoutException)
        {
            return WriteOutcome.Unknown;
        }
    }

    /// <summary>The rows of a writer, one by one.</summary>
    public async Task ReadAsync(long writer, Action<long, long> row, CancellationToken cancellationToken)
    {
        _connection.CommandTimeout = _options.Patience;
        await using var rows = await _connection.QueryAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT number, value FROM {_options.QuotedTable} WHERE writer = {writer}"), cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            row(rows.GetInt64(0), rows.GetInt64(1));
    }

    /// <summary>A value that only this row has, so that nobody has to remember it.</summary>
    public static long ValueOf(ProbeRow row) => (long)new Primitives.SeededRandom((ulong)row.Writer + (ulong)row.Number).NextUInt64();

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<T> WithinAsync<T>(ValueTask<T> answer, TimeSpan patience, CancellationToken cancellationToken)
    {
        var task = answer.AsTask();
        try
        {
            return await task.WaitAsync(patience, _options.Time, cancellationToken);
        }
        catch when (!task.IsCompleted)
        {
            // It fails as soon as the connection is closed, which is of interest to nobody.
            _ = task.ContinueWith(static late => late.Exception, TaskScheduler.Default);
            throw;
        }
    }
}
